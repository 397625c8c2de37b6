import type { ClientBase } from 'pg';

/**
 * The oldest PostgreSQL on which everything works: the locale that read models sort text by (`pg_c_utf8`) and the time limit
 * of a transaction came with 17.
 */
export const lowestMajor = 17;

export class UnsupportedServerError extends Error {
  override readonly name = 'UnsupportedServerError';
  constructor(found: string) {
    super(
      `The database at DATABASE_URL is PostgreSQL ${found}, and Daybook needs PostgreSQL ${lowestMajor} or newer; nothing in it was changed.`,
    );
  }
}

/** Throws where the server is too old. Asked before anything is made there. */
export async function requireVersion(client: Pick<ClientBase, 'query'>): Promise<void> {
  const { rows } = await client.query<{ number: string; name: string }>(
    `select current_setting('server_version_num') as number, current_setting('server_version') as name`,
  );
  const { number, name } = rows[0]!;
  // "15.14 (Debian 15.14-0+deb12u1)": the number is enough.
  if (Number(number) < lowestMajor * 10_000) throw new UnsupportedServerError(name.split(' ', 1)[0]!);
}
