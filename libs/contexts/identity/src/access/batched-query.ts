import type { Pool } from 'pg';
import type { OpenSession } from '../session/session-rows.js';

interface Pending<P, A> {
  readonly parameters: P;
  readonly resolve: (answer: A) => void;
  readonly reject: (error: unknown) => void;
}
type Sessions = readonly [readonly string[], readonly string[]];

/**
 * Batches the two queries of every request, the last revision of the tenant's stream and whether the session is open,
 * into one round trip. Used when the event store is in the same database. The first query waits for the other one until
 * the end of the event loop's turn.
 */
export class BatchedQuery {
  private streams: Pending<readonly string[], number[]> | null = null;
  private sessions: Pending<Sessions, readonly OpenSession[]> | null = null;
  private scheduled = false;

  constructor(private readonly pool: Pool) {}

  readonly revisions = (parameters: readonly string[]): Promise<number[]> =>
    new Promise((resolve, reject) => {
      if (this.streams) this.send();
      this.streams = { parameters, resolve, reject };
      this.schedule();
    });

  readonly openSessions = (...parameters: Sessions): Promise<readonly OpenSession[]> =>
    new Promise((resolve, reject) => {
      if (this.sessions) this.send();
      this.sessions = { parameters, resolve, reject };
      this.schedule();
    });

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.send();
    });
  }

  private send(): void {
    const { streams, sessions } = this;
    this.streams = null;
    this.sessions = null;
    if (!streams && !sessions) return;
    this.pool
      .query<{ revisions: number[]; sessions: readonly OpenSession[] }>({
        name: 'rights-and-sessions',
        text: `select store.last_revisions($1) as revisions,
          (select coalesce(json_agg(o), '[]') from identity.open_sessions($2, $3) as o) as sessions`,
        values: [streams?.parameters ?? [], sessions?.parameters[0] ?? [], sessions?.parameters[1] ?? []],
      })
      .then(
        ({ rows }) => {
          streams?.resolve(rows[0]?.revisions ?? []);
          sessions?.resolve(rows[0]?.sessions ?? []);
        },
        (error: unknown) => {
          streams?.reject(error);
          sessions?.reject(error);
        },
      );
  }
}
