import type { ClientBase } from 'pg';

/**
 * The oldest supported PostgreSQL: the locale that read models sort by (`pg_c_utf8`) and `transaction_timeout` came with 17.
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

/** Throws if the server is too old. Called before anything is created. */
export async function requireVersion(client: Pick<ClientBase, 'query'>): Promise<void> {
  const { rows } = await client.query<{ number: string; name: string }>(
    `select current_setting('server_version_num') as number, current_setting('server_version') as name`,
  );
  const { number, name } = rows[0]!;
  // "15.14 (Debian 15.14-0+deb12u1)": the number is enough.
  if (Number(number) < lowestMajor * 10_000) throw new UnsupportedServerError(name.split(' ', 1)[0]!);
}
