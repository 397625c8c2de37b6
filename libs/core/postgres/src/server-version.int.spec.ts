import { existsSync } from 'node:fs';
import { Client } from 'pg';
import { migrate } from './migrate.js';
import { scratchServer } from './testing/scratch-server.js';

/** Debian 12's own; DAYBOOK_OLD_POSTGRES names the folder of another. */
const bin = process.env['DAYBOOK_OLD_POSTGRES'] ?? '/usr/lib/postgresql/15/bin';
// Skipped where there is no older PostgreSQL: npm brings the newest one only.
const withOld = existsSync(bin) ? it : it.skip;

describe('an older PostgreSQL', () => {
  withOld('is refused before anything in it is made or changed', async () => {
    const server = await scratchServer({ bin });
    const client = new Client({ connectionString: server.url });
    try {
      await client.connect();
      const found = async () =>
        (
          await client.query(
            `select (select count(*) from pg_roles where rolname like 'daybook%')::int as roles,
               (select count(*) from pg_namespace where nspname in ('daybook', 'made'))::int as schemas`,
          )
        ).rows[0] as unknown;
      await expect(
        migrate(server.url, 'a secret of tests, long enough to be taken', [{ name: 'one', sql: 'create schema made' }]),
      ).rejects.toThrow(
        /^The database at DATABASE_URL is PostgreSQL 1\d\.\d+, and Daybook needs PostgreSQL 17 or newer; nothing in it was changed\.$/,
      );
      expect(await found()).toEqual({ roles: 0, schemas: 0 });
    } finally {
      await client.end();
      await server.stop();
    }
  });
});
