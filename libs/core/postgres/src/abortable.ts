import { type Kysely, sql } from 'kysely';

/**
 * Runs the work until the signal is aborted: the statement that `backend` (a process id of the server) is running is then
 * cancelled, no other begins, and the signal's reason is thrown. `db` lends the connection that the cancellation goes over;
 * the connection of the work is given back only after it, so that nobody else's statement is hit.
 */
export async function abortable<D extends Kysely<object>, T>(
  db: Kysely<object>,
  { on, backend, signal }: { readonly on: D; readonly backend: number; readonly signal: AbortSignal },
  work: (on: D) => Promise<T>,
): Promise<T> {
  let ended = false;
  let cancelling: Promise<unknown> = Promise.resolve();
  const cancel = (): void => {
    const asked = db.connection().execute(async (control) => {
      if (!ended) await (cancelling = sql`select pg_cancel_backend(${backend})`.execute(control));
    });
    // Without a free connection the statement ends by its own time limit.
    asked.catch(() => undefined);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await work(on.withPlugin(stopAt(signal)) as D);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    ended = true;
    signal.removeEventListener('abort', cancel);
    await cancelling.catch(() => undefined);
  }
}

/** Begins no statement after the signal. */
const stopAt = (signal: AbortSignal): Parameters<Kysely<object>['withPlugin']>[0] => ({
  transformQuery: ({ node }) => {
    signal.throwIfAborted();
    return node;
  },
  transformResult: async ({ result }) => result,
});
