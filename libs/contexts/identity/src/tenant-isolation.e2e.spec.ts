import { addAccount, addJournal, createCompany, listCompanies, postEntry } from '@daybook/accounting';
import { camelName, type Operation, streamName } from '@daybook/kernel';
import { inTenant } from '@daybook/postgres';
import { startApp, type TestApp, type TestClient, testTenants } from '@daybook/testing/app';
import { buildClientSchema, getIntrospectionQuery, getNamedType, type GraphQLOutputType, isObjectType } from 'graphql';
import { decodeJwt, SignJWT, UnsecuredJWT } from 'jose';
import { open } from '@daybook/app/rights.matrix';
import type { Role } from './role.schema.js';
import { isOwn, permissionsOf } from './roles.js';
import { audience, issuer } from './session/access-tokens.js';
import { SigningKeys } from './session/signing-keys.js';

const { north, south } = testTenants;

/** Selects all fields of a type, recursively. */
function everything(type: GraphQLOutputType | undefined): string {
  const named = type && getNamedType(type);
  if (!isObjectType(named)) return '';
  return ` { ${Object.values(named.getFields())
    .map((field) => field.name + everything(field.type))
    .join(' ')} }`;
}

describe('the isolation of tenants', () => {
  let app: TestApp;
  let ours: TestClient;
  let theirs: TestClient;
  /** Ids of records in north, by the names of path parameters. */
  const ids: Record<string, string> = { number: '1920' };

  beforeAll(async () => {
    app = await startApp();
    ours = await app.client('Accountant', 'north');
    theirs = await app.client('Accountant', 'south');
    const company = await ours.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' });
    ids['companyId'] = company.id;
    const companyId = company.id;
    for (const number of ['1920', '3000']) {
      await ours.execute(addAccount, { companyId, number, name: 'Secret account', class: 'asset' });
    }
    await ours.execute(addJournal, { companyId, code: 'GL', name: 'General' });
    const entry = await ours.execute(postEntry, {
      companyId,
      journal: 'GL',
      date: '2026-03-31',
      description: 'Secret description',
      lines: [
        { account: '1920', side: 'debit', amount: '10.00' },
        { account: '3000', side: 'credit', amount: '10.00' },
      ],
    });
    ids['entryId'] = entry.id;
    await app.settle();
  });
  afterAll(() => app.close());

  const filters = { from: '2026-01-01', to: '2026-12-31', account: '1920', column: 'closing' };
  /** Every query for a record of north, with its input. */
  const questions = () =>
    app.api.bindings.operations.flatMap((operation) => {
      const inPath = [...operation.http.matchAll(/\{(\w+)\}/g)].map(([, name]) => String(name));
      if (operation.kind !== 'query' || inPath.length === 0 || !inPath.every((name) => ids[name])) return [];
      const names = Object.keys(operation.input.shape).filter((name) => !inPath.includes(name) && name in filters);
      const takesList = new Set(['accounting.entry.list']);
      const asked = Object.fromEntries(
        names
          .filter((name) => !takesList.has(operation.name) || name !== 'account')
          .map((name) => [name, filters[name as keyof typeof filters]]),
      );
      const path = String(operation.http.split(' ')[1]).replaceAll(/\{(\w+)\}/g, (_, name: string) =>
        String(ids[name]),
      );
      const mine = Object.fromEntries(inPath.map((name) => [name, ids[name]]));
      return [{ operation, path: `${path}?${new URLSearchParams(asked)}`, input: { ...mine, ...asked } }];
    });

  const paged = (operation: Operation): boolean => 'limit' in operation.input.shape;

  it('answers 404 in REST for records of another tenant', async () => {
    expect(questions().length).toBeGreaterThanOrEqual(8);
    for (const { operation, path } of questions()) {
      const [here, there] = [await ours.get(path), await theirs.get(path)];
      expect([operation.name, here.status, there.status]).toEqual([operation.name, 200, 404]);
      expect(there.text).not.toContain('Secret');
    }
    expect((await theirs.ask(listCompanies, {})).items).toEqual([]);
  });

  it('hides records of another tenant in GraphQL, with every field of every answer selected', async () => {
    const { body } = await ours.graphql(getIntrospectionQuery()).expect(200);
    const fields = buildClientSchema(body.data).getQueryType()?.getFields() ?? {};
    for (const { operation, input } of questions()) {
      const field = camelName(operation.name);
      const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;
      const query = `query ($input: ${type}!) { ${field}(input: $input)${everything(fields[field]?.type)} }`;
      const here = await ours
        .graphql(query, { input: { ...input, ...(paged(operation) ? { limit: 5 } : {}) } })
        .expect(200);
      expect([operation.name, here.body.errors]).toEqual([operation.name, undefined]);
      const there = await theirs.graphql(query, { input }).expect(200);
      expect([operation.name, there.body.errors?.[0]?.extensions.problem.status]).toEqual([operation.name, 404]);
    }
  });

  it('refuses writes into another tenant', async () => {
    const companyId = String(ids['companyId']);
    const input = { companyId, number: '1500', name: 'Foreign', class: 'asset' as const };
    await theirs.execute(addAccount, input, { status: 404 });
    const field = 'accountingAccountAdd(input: $input) { id }';
    const answer = await theirs.graphql(`mutation ($input: AccountingAccountAddInput!) { ${field} }`, { input });
    expect(answer.body.errors[0].extensions.problem.status).toBe(404);
  });

  describe('in raw SQL, with the database role of the API', () => {
    const count = (tenant: string | null, sql: string) =>
      inTenant(app.api.pool, tenant, async (client) => Number((await client.query(sql)).rows[0].count));
    const tables = async () =>
      (
        await app.projector.pool.query<{ name: string }>(
          `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
           join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant' and c.relkind in ('r', 'p')
           where n.nspname not like 'pg\\_%' and n.nspname not in ('identity', 'pgboss') order by 1`,
        )
      ).rows.map(({ name }) => name);

    it('shows no row without a tenant set, and no row of another tenant', async () => {
      const all = await tables();
      expect(all.length).toBeGreaterThanOrEqual(10);
      expect(all).toEqual(expect.arrayContaining(['store.events', 'vault.keys', 'projections.parked']));
      let seen = 0;
      for (const table of all) {
        const reading = `select count(*) from ${table}`;
        const readable = await count(north, reading).catch((error: Error) => {
          expect([table, error.message]).toEqual([table, expect.stringContaining('permission denied')]);
          return null;
        });
        if (readable === null) continue;
        seen += readable;
        expect([table, await count(null, reading)]).toEqual([table, 0]);
        expect([table, await count(south, `${reading} where tenant <> '${south}'`)]).toEqual([table, 0]);
      }
      expect(seen).toBeGreaterThan(10);
    });

    it.each([
      `update store.events set data = '{}'`,
      'delete from store.events',
      'truncate store.events',
      `set role daybook_owner`,
      'alter table store.events disable row level security',
    ])('refuses "%s"', async (statement) => {
      const attempt = inTenant(app.api.pool, north, (client) => client.query(statement));
      await expect(attempt).rejects.toThrow(/permission denied|must be owner/);
    });

    it('refuses an append for another tenant', async () => {
      const stream = streamName('identity.tenant', south, south);
      const attempt = inTenant(app.api.pool, north, (client) =>
        client.query('select * from store.append($1, $2, $3, $4, $5, $6, $7, $8)', [
          ...[[south], [stream], [-2], [1], ['0199a9b2-0000-7000-8000-0000000000ff'], ['identity.x.v1'], ['{}']],
          [JSON.stringify({ tenant: south })],
        ]),
      );
      await expect(attempt).rejects.toThrow('The tenant of an append');
    });

    it("keeps people's secrets from the projector", async () => {
      for (const table of ['credentials', 'refresh_tokens', 'signing_keys', 'sign_in_attempts']) {
        await expect(app.projector.pool.query(`select * from identity.${table}`)).rejects.toThrow('permission denied');
      }
    });
  });

  describe('tokens', () => {
    const path = '/v1/identity/session';
    /** Claims of the open session, without those that the spec sets. */
    const claims = async () => {
      const { sub, sid, auth_time, amr } = decodeJwt(ours.token);
      return { sub, sid, auth_time, amr, tenant: north };
    };
    const signed = async (change: (jwt: SignJWT) => SignJWT) => {
      const { kid, privateKey } = await new SigningKeys({ em: app.api.em, secret: app.config.secret }).active();
      const jwt = new SignJWT(await claims())
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime('5 minutes');
      return change(jwt).sign(privateKey);
    };
    const status = async (token: string) =>
      (await app.anonymous.get(path).set('authorization', `Bearer ${token}`)).status;

    it('are refused with 401 if forged, expired, unsigned or for another audience', async () => {
      expect(await status(await signed((jwt) => jwt))).toBe(200);
      expect(await status(await signed((jwt) => jwt.setExpirationTime(1)))).toBe(401);
      expect(await status(await signed((jwt) => jwt.setAudience('another')))).toBe(401);
      expect(await status(await signed((jwt) => jwt.setIssuer('another')))).toBe(401);
      const unsigned = new UnsecuredJWT(await claims()).setIssuer(issuer).setAudience(audience);
      expect(await status(unsigned.setExpirationTime('5 minutes').encode())).toBe(401);
      expect(await status(`${ours.token.slice(0, -6)}AAAAAA`)).toBe(401);
      expect(await status('')).toBe(401);
    });

    it('are refused with 401 for a tenant where the person is not a member', async () => {
      const { kid, privateKey } = await new SigningKeys({ em: app.api.em, secret: app.config.secret }).active();
      const foreign = await new SignJWT({ ...(await claims()), tenant: south })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime('5 minutes')
        .sign(privateKey);
      expect(await status(foreign)).toBe(401);
    });

    it('can be verified with the published keys', async () => {
      const { body } = await app.anonymous.get('/.well-known/jwks.json').expect(200);
      expect(body.keys).toEqual([expect.objectContaining({ kty: 'EC', crv: 'P-256', alg: 'ES256' })]);
      expect(body.keys[0].d).toBeUndefined();
    });
  });

  describe('permissions', () => {
    const operations = () => app.api.bindings.operations;

    it('are declared by every operation except public ones', () => {
      const nobody = operations().filter(({ permission }) => permission === null);
      expect(nobody.map(({ name }) => name).sort()).toEqual([...open].sort());
    });

    it('are required: every operation that declares one refuses calls without a token', async () => {
      const somewhere = '0199a9b2-0000-7000-8000-0000000000ee';
      let asked = 0;
      for (const { http, permission, name } of operations()) {
        if (permission === null) continue;
        const [method = '', path = ''] = http.replaceAll(/\{\w+\}/g, somewhere).split(' ');
        const verb = method.toLowerCase() as 'get' | 'post' | 'put' | 'delete';
        // From many addresses, because of the rate limit per address.
        const from = `10.0.0.${(asked += 1) % 250}`;
        const { status } = await app.anonymous[verb](path).set('x-forwarded-for', from);
        expect([name, status]).toEqual([name, 401]);
      }
    });

    it('of roles: Admins post nothing, Staff and Auditors change nothing, Vendors see only their own lines', () => {
      const { declared } = app.api.bindings;
      const held = (role: Role) => permissionsOf(role, declared).filter((permission) => !isOwn(permission));
      const admin = new Set(permissionsOf('Admin', declared));
      expect(declared.permissions.filter((permission) => !admin.has(permission)).sort()).toEqual([
        'accounting.entry.hold',
        'accounting.entry.post',
        'accounting.entry.release',
        'accounting.entry.reverse',
        'accounting.import.cancel',
        'accounting.import.post',
        'accounting.import.start',
      ]);
      expect(held('Vendor')).toEqual(['accounting.subledger-line.read']);
      const writes = new Set(operations().flatMap(({ kind, permission }) => (kind === 'command' ? permission : [])));
      const written = (role: Role) => held(role).filter((permission) => writes.has(permission));
      // To say something about a record changes nothing of it.
      expect([written('Staff'), written('Auditor')]).toEqual([
        ['collaboration.comment.write', 'collaboration.record.tag', 'collaboration.task.set'],
        [],
      ]);
      const reads = operations().flatMap(({ kind, permission, sensitive }) =>
        kind === 'query' && permission !== null && !sensitive ? [permission] : [],
      );
      const auditor = new Set(permissionsOf('Auditor', declared));
      expect(reads.filter((permission) => !auditor.has(permission))).toEqual([]);
      expect(held('Accountant').filter((permission) => /^identity\..*\.(?!read$)/.test(permission))).toEqual([]);
    });

    it('over the own account, and no others, are held by everybody', () => {
      const ofOwnAccount = ({ http, permission }: Operation) =>
        permission !== null && (/ \/v1\/identity\/own\//.test(http) || permission.startsWith('identity.own'));
      const found = operations().filter(ofOwnAccount);
      expect(found.filter(({ permission }) => !isOwn(permission!)).map(({ name }) => name)).toEqual([]);
      expect(found.filter(({ scope }) => scope !== 'caller').map(({ name }) => name)).toEqual([]);
    });

    it('are enforced: an Auditor who posts gets 403, in REST and GraphQL', async () => {
      const auditor = await app.client('Auditor', 'north');
      const input = { companyId: String(ids['companyId']), code: 'XX', name: 'Not for an auditor' };
      await auditor.execute(addJournal, input, { status: 403 });
      const field = 'accountingJournalAdd(input: $input) { id }';
      const answer = await auditor.graphql(`mutation ($input: AccountingJournalAddInput!) { ${field} }`, { input });
      expect(answer.body.errors[0].extensions.problem).toMatchObject({ status: 403, code: 'platform.forbidden' });
    });
  });
});
