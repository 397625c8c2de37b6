import { createCompany } from '@daybook/accounting';
import { secretTables } from '@daybook/identity/privacy/identity-data';
import { sendInvitation } from '@daybook/identity';
import { scopedTransaction, inTenant } from '@daybook/postgres';
import type { Pool } from 'pg';
import { Client } from 'pg';
import { startApp, type TestApp, testTenants } from '@daybook/testing/app';

/* Covers every table of the running product, so that a forgotten table fails here. */

/** Tables without tenant data, which need no row-level security. */
const withoutWalls: Readonly<Record<string, string>> = {
  'daybook.data_format': 'one row: the format of all data, which every login may know',
  'daybook.mikro_orm_migrations': 'names of migrations that have run',
  'daybook.secret_check': 'one row: a hash of the secret, which the owner alone reads',
  'jobs.schedule': 'one row for each schedule: when it is due next',
  'projections.checkpoint': 'one row: how far the read models are; a position is no secret of any tenant',
  'projections.generation': 'one row for each version of a read model: names, versions and positions',
  'projections.process': 'one row for each process: names, versions and positions',
  'store.turn': 'one row without content, which appends lock in turn',
};

interface Policy {
  readonly name: string;
  readonly roles: readonly string[];
  readonly using: string | null;
  readonly check: string | null;
}
interface Table {
  readonly name: string;
  readonly schema: string;
  readonly forced: boolean;
  readonly columns: readonly string[];
  readonly policies: readonly Policy[];
}

const tenantSet = /current_setting\('daybook\.tenant'::text, true\)/;
const scopeSet = /current_setting\('daybook\.schema_scope'::text, true\) = '[a-z]+'/;

describe('row-level security', () => {
  let app: TestApp;
  let admin: Client;
  let api: Pool;
  let tables: readonly Table[];
  beforeAll(async () => {
    app = await startApp();
    api = app.api.pool;
    const north = await app.client('Admin');
    await north.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' });
    await north.execute(sendInvitation, { email: 'walls@example.org', role: 'Staff' });
    await app.settle();
    admin = new Client({ connectionString: app.config.databaseUrl });
    await admin.connect();
    const { rows } = await admin.query<Table>(
      `select format('%s.%s', n.nspname, c.relname) as name, n.nspname as schema,
         c.relrowsecurity and c.relforcerowsecurity as forced,
         array(select attname::text from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) as columns,
         coalesce((select jsonb_agg(jsonb_build_object('name', p.polname,
             'roles', array(select case when r = 0 then 'public' else r::regrole::text end from unnest(p.polroles) r),
             'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid)))
           from pg_policy p where p.polrelid = c.oid), '[]') as policies
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p', 'f', 'm') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
       order by 1`,
    );
    tables = rows;
  }, 120_000);
  afterAll(async () => {
    await admin.end();
    await app.close();
  });
  const walled = () => tables.filter(({ name }) => !(name in withoutWalls));
  const quoted = (name: string) =>
    name
      .split('.')
      .map((part) => `"${part}"`)
      .join('.');

  it('covers all tables: of the log, the vault, read models, files, jobs, the queue and identity', () => {
    const schemas = new Set(tables.map(({ schema }) => schema.replace(/^rm_.*/, 'rm')));
    const expected = [
      'store',
      'vault',
      'projections',
      'rm',
      'files',
      'jobs',
      'mail',
      'approvals',
      'pgboss',
      'identity',
      'platform',
      'daybook',
    ];
    expect([...schemas].sort()).toEqual(expected.sort());
    expect(tables.length).toBeGreaterThan(50);
    expect(tables.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(withoutWalls)));
  });

  it('is enabled and forced on every one of them', () => {
    expect(
      walled()
        .filter(({ forced }) => !forced)
        .map(({ name }) => name),
    ).toEqual([]);
  });

  it('shows the API only rows of the tenant or schema scope that the transaction names', () => {
    for (const { name, columns, policies } of walled()) {
      for (const { roles, using, check } of policies) {
        expect([name, roles]).not.toEqual([name, expect.arrayContaining(['public'])]);
        if (!roles.includes('daybook_api')) continue;
        for (const condition of [using, check].filter((one) => one !== null)) {
          const bound = columns.includes('tenant') && tenantSet.test(condition) ? 'tenant' : scopeSet.test(condition) ? 'schema scope' : condition; // prettier-ignore
          expect([name, bound]).toEqual([name, expect.stringMatching(/^(tenant|schema scope)$/)]);
        }
        expect([name, using]).toEqual([name, expect.any(String)]);
      }
    }
  });

  it('gives every row a tenant, except in schema scopes and the queue', () => {
    const without = walled().filter(({ columns, schema }) => !columns.includes('tenant') && schema !== 'pgboss');
    const schemas = new Set(without.map(({ schema }) => schema));
    expect([...schemas].sort()).toEqual(['identity', 'mail']);
    for (const { name, schema, policies } of without) {
      const scopes = policies.flatMap(({ roles, using }) => (roles.includes('daybook_api') ? [using] : []));
      // The scope is the table's own schema: who works in one sees nothing of another.
      expect([name, scopes]).toEqual([
        name,
        [`(current_setting('daybook.schema_scope'::text, true) = '${schema}'::text)`],
      ]);
    }
  });

  describe('in raw SQL, as the API logs in', () => {
    /** Rows the API sees of a table; null where it may not read it at all. */
    const seen = async (work: (sql: string) => Promise<number>, name: string): Promise<number | null> => {
      try {
        return await work(`select count(*)::int as count from ${quoted(name)}`);
      } catch (error) {
        expect([name, (error as Error).message]).toEqual([name, expect.stringContaining('permission denied')]);
        return null;
      }
    };
    const outside = (sql: string) => inTenant(api, null, async (c) => (await c.query(sql)).rows[0].count as number);
    const within = (tenant: string) => (sql: string) =>
      inTenant(api, tenant, async (c) => (await c.query(sql)).rows[0].count as number);
    const inside = (sql: string) =>
      scopedTransaction(api, 'identity', async (c) => (await c.query(sql)).rows[0].count as number);

    it('nothing is visible without a tenant or schema scope', async () => {
      let filled = 0;
      for (const { name } of walled()) {
        const { rows } = await admin.query(`select count(*)::int as count from ${quoted(name)}`);
        filled += rows[0].count > 0 ? 1 : 0;
        expect([name, (await seen(outside, name)) ?? 0]).toEqual([name, 0]);
      }
      // So that there is something to see at all.
      expect(filled).toBeGreaterThan(15);
    });

    it('a schema scope shows no rows of tenants, and a tenant none of the schema scopes or of another tenant', async () => {
      for (const { name, columns, schema } of walled()) {
        const isOfTenant = columns.includes('tenant') && schema !== 'identity';
        if (isOfTenant) {
          expect([name, (await seen(inside, name)) ?? 0]).toEqual([name, 0]);
          const foreign = (sql: string) => within(testTenants.south)(`${sql} where tenant <> '${testTenants.south}'`);
          expect([name, (await seen(foreign, name)) ?? 0]).toEqual([name, 0]);
        } else expect([name, (await seen(within(testTenants.north), name)) ?? 0]).toEqual([name, 0]);
      }
      expect(await seen(inside, 'identity.credentials')).toBeGreaterThan(5);
      expect(await seen(within(testTenants.north), 'store.events')).toBeGreaterThan(5);
    });

    it('the queue is inaccessible', async () => {
      for (const { name } of tables.filter(({ schema }) => schema === 'pgboss')) {
        expect([name, await seen(within(testTenants.north), name)]).toEqual([name, null]);
      }
    });

    it('no role that can log in bypasses it', async () => {
      const { rows } = await admin.query(
        `select rolname, rolsuper or rolbypassrls or rolcreaterole as above from pg_roles where rolname like 'daybook%' order by 1`,
      );
      expect(rows).toEqual([
        { rolname: 'daybook_api', above: false },
        { rolname: 'daybook_owner', above: false },
        { rolname: 'daybook_projector', above: false },
      ]);
    });
  });

  it('lets the projector, which erases people, read whose a row of secrets is and nothing else of it', async () => {
    const { rows } = await admin.query<{ column: string }>(
      `select distinct column_name as column from information_schema.column_privileges
       where table_schema = 'identity' and grantee = 'daybook_projector' and privilege_type = 'SELECT' order by 1`,
    );
    expect(rows.map(({ column }) => column)).toEqual([
      ...['confirmed_at', 'delegate_id', 'ended_at', 'family', 'holder_id', 'key_id', 'last_seen_at', 'last_used_at'],
      ...['person_id', 'provider_id', 'revoked_at', 'session_id', 'tenant'],
    ]);
    const found = await app.projector.pool.query('select count(person_id)::int as count from identity.credentials');
    // Not even these, outside the schema scope.
    expect(found.rows).toEqual([{ count: 0 }]);
    const secrets = app.projector.pool.query('select password_hash from identity.credentials');
    await expect(secrets).rejects.toThrow('permission denied');
  });

  it('every table that names a person is cleared by an erasure', () => {
    const people = new Set(['person_id', 'holder_id', 'delegate_id']);
    const found = tables
      .filter(({ schema }) => schema === 'identity')
      .flatMap(({ name, columns }) => columns.filter((c) => people.has(c)).map((person) => `${name} ${person}`));
    expect(secretTables.map(({ table, person }) => `${table} ${person}`).sort()).toEqual(found.sort());
  });
});
