import { camelName, guardsIn, type Operation } from '@daybook/kernel';
import {
  buildClientSchema,
  getIntrospectionQuery,
  getNullableType,
  type GraphQLField,
  GraphQLEnumType,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLList,
} from 'graphql';
import { type Cell, type Column, columns, matrix, open } from './rights.matrix.js';
import { startApp, type TestApp, TestClient, testTenants } from '@daybook/testing/app';
import { sampleInput, pathParameters, sendWithVersion } from '@daybook/testing/operation-requests';
import { ApiDocument } from '@daybook/testing/openapi-document';
import { everythingBelow } from '@daybook/testing/graphql-requests';
import { makeWorld, send, type World } from '@daybook/testing/world';

/*
 * Checks the matrix: every operation as every role, over REST and over GraphQL, on records of the caller's tenant and with
 * ids of the other one.
 */
const nowhere = '0199a9b2-0000-7000-8000-0000000000ee';
type Json = Record<string, unknown>;

describe('the reviewed matrix of rights', () => {
  let app: TestApp;
  let worlds: { north: World; south: World };
  let document: ApiDocument;
  let fields: Map<string, GraphQLField<unknown, unknown>>;
  const clients = {} as Record<Column, TestClient>;

  beforeAll(async () => {
    app = await startApp();
    worlds = { north: await makeWorld(app, 'north'), south: await makeWorld(app, 'south') };
    for (const column of columns) clients[column] = column === 'Clerk' ? await clerk() : await app.client(column);
    document = new ApiDocument((await app.anonymous.get('/openapi.json')).body as Json);
    const { body } = await clients.Admin.graphql(getIntrospectionQuery()).expect(200);
    const schema = buildClientSchema(body.data);
    fields = new Map(
      [schema.getQueryType(), schema.getMutationType()].flatMap((type) => Object.entries(type?.getFields() ?? {})),
    );
  }, 90_000);
  afterAll(() => app.close());

  /** A member with a role of the tenant's own: all reading, every guarded field masked. */
  async function clerk(): Promise<TestClient> {
    const admin = await app.client('Admin');
    const permissions = [
      ...new Set(
        operations().flatMap(({ permission, kind }) => (kind === 'query' && permission !== null ? [permission] : [])),
      ),
    ];
    const readable = [...permissions.filter((one) => one !== 'identity.person.export'), 'files.file.read'];
    const guarded = [...new Set(operations().flatMap(({ output }) => guardsIn(output).map(({ name }) => name)))];
    const define = operations().find(({ name }) => name === 'identity.role.define');
    const give = operations().find(({ name }) => name === 'identity.grant.give');
    if (!define || !give) throw new Error('Roles cannot be defined');
    const role = { name: 'Clerk', description: 'Reads, with guarded fields masked', permissions: readable };
    const { body: defined } = await send(admin, define, {
      ...role,
      fields: guarded.map((field) => ({ field, rule: 'mask' })),
    });
    const account = { email: 'clerk@north.example', password: 'a long password of the clerk', name: 'Clerk north' };
    const { id: tenant } = { id: testTenants.north };
    // A Vendor of nothing: they may read only what the tenant's own role grants.
    const { people } = await app.api.identitySetUp.run({
      tenants: [],
      people: [
        {
          ...account,
          memberships: [{ tenant, role: 'Vendor', companyId: nowhere, partyType: 'customer', party: 'nobody' }],
        },
      ],
    });
    await app.settle();
    const given = await send(admin, give, { holderId: people[0]?.id, role: defined['roleId'] ?? defined['id'] });
    expect([given.status, given.text]).toEqual([200, expect.any(String)]);
    const { email, password } = account;
    const { body } = await app.anonymous.post('/v1/identity/session').send({ email, password, tenant }).expect(200);
    return new TestClient(app.app, (body as { accessToken: string }).accessToken, tenant);
  }

  const operations = () => app.api.bindings.operations;
  const closed = () => operations().filter(({ permission }) => permission !== null);
  const cellOf = (name: string, column: Column): Cell => matrix.get(name)?.[column] ?? 'denied';
  const asked = (operation: Operation, world: World): Json => sampleInput(operation, world, document);

  const seen = (cell: Cell, column: Column, text: string): string | null => {
    const shown = worlds.north.guarded.filter((value) => text.includes(value));
    if (column === 'Clerk' && shown.length > 0) return `the Clerk sees ${shown.join(', ')}`;
    return cell === 'masked' && column !== 'Clerk' ? 'only the Clerk is masked' : null;
  };

  it('has a line for every operation and for nothing else', () => {
    const bound = closed().map(({ name }) => name);
    const others = ['files.file.upload', 'files.file.read', 'live.updates'];
    expect(bound.filter((name) => !matrix.has(name))).toEqual([]);
    expect([...matrix.keys()].filter((name) => !bound.includes(name) && !others.includes(name))).toEqual([]);
    const asksNobody = operations().flatMap(({ name, permission }) => (permission === null ? [name] : []));
    expect(asksNobody.sort()).toEqual([...open].sort());
  });

  it('is tested on existing records', () => {
    expect([...worlds.north.refused, ...worlds.south.refused]).toEqual([]);
  });

  it('holds for every route of REST and every role', async () => {
    const wrong: string[] = [];
    for (const operation of closed()) {
      const query = operation.kind === 'query';
      // What a command does is not asked here: a field that it does not know keeps it from being done.
      const input = query
        ? asked(operation, worlds.north)
        : { ...Object.fromEntries(pathParameters(operation).map((name) => [name, nowhere])), unknownField: 1 };
      const shown: string[] = [];
      for (const column of columns) {
        const cell = cellOf(operation.name, column);
        const { status, text } = await send(clients[column], operation, input);
        const said = status === 403 || status === 401 ? 'denied' : 'allowed';
        if (said !== (cell === 'denied' ? 'denied' : 'allowed'))
          wrong.push(`${operation.name} as ${column}: ${status}, not ${cell}`);
        if (status >= 500) wrong.push(`${operation.name} as ${column}: ${status}`);
        const fault = query && status === 200 ? seen(cell, column, text) : null;
        if (fault !== null) wrong.push(`${operation.name}: ${fault}`);
        // Everybody sees their own address.
        const others = worlds.north.guarded.filter((value) => value !== app.account('Auditor').email);
        if (column === 'Auditor' && others.some((value) => text.includes(value))) shown.push(operation.name);
      }
      // A cell says `masked` where there is something to mask, and only there.
      const masked = cellOf(operation.name, 'Clerk') === 'masked';
      if (query && shown.length > 0 !== masked)
        wrong.push(`${operation.name}: ${masked ? 'shows nothing to mask' : 'is masked'}`);
    }
    expect(wrong).toEqual([]);
  }, 120_000);

  it('holds for every field of GraphQL and every role', async () => {
    const wrong: string[] = [];
    for (const operation of closed()) {
      const field = fields.get(camelName(operation.name));
      if (!field) throw new Error(`${operation.name} is no field of GraphQL`);
      const query = operation.kind === 'query';
      // A reason too long keeps a command from being done, after its rights were looked at.
      const given = query ? { input: asked(operation, worlds.north) } : { reason: 'x'.repeat(501) };
      // A tree within lists is asked less deep: the limits count what it might answer.
      const depth = operation.name === 'identity.permission.list' ? 2 : 5;
      const { text: call, variables } = callOf(field, query ? 'query' : 'mutation', given, depth);
      for (const column of columns) {
        const cell = cellOf(operation.name, column);
        const { body, text, status } = await clients[column].graphql(call, variables);
        const problem = (body as { errors?: { extensions: { problem: { status: number; code: string } } }[] })
          .errors?.[0]?.extensions.problem;
        if (status !== 200 || problem?.code.startsWith('platform.graphql'))
          wrong.push(`${operation.name}: ${text.slice(0, 300)}`);
        const said = problem?.status === 403 || problem?.status === 401 ? 'denied' : 'allowed';
        if (said !== (cell === 'denied' ? 'denied' : 'allowed'))
          wrong.push(`${operation.name} as ${column}: ${problem?.status ?? 200}, not ${cell}`);
        const fault = query ? seen(cell, column, text) : null;
        if (fault !== null) wrong.push(`${operation.name}: ${fault}`);
      }
    }
    expect(wrong).toEqual([]);
  }, 120_000);

  /** The record of the other tenant is not there: 404, or a list without it; and never is anything done to it. */
  it('shows and changes nothing of another tenant, for every operation that takes an id and every role', async () => {
    const wrong: string[] = [];
    const { north, south } = worlds;
    const ours = new Set(Object.values(north.pool).flat());
    const theirs = new Set(Object.values(south.pool).flatMap((ids) => ids.filter((id) => !ours.has(id))));
    const counts = { absent: 0, refused: 0, empty: 0 };
    // The caller names the record: the same name in two tenants is two records.
    const named = new Set(['identity.sod-rule.set', 'identity.sso-provider.set', 'approvals.rule.set']);
    for (const operation of closed()) {
      const input = asked(operation, south);
      if (!Object.values(input).some((value) => String(value).length > 12 && theirs.has(String(value)))) continue;
      for (const column of columns) {
        if (cellOf(operation.name, column) === 'denied') continue;
        const { status, text } = await foreign(clients[column], operation, input);
        if (status === 404) counts.absent += 1;
        else if (status >= 400 && status < 500) counts.refused += 1;
        else if (operation.kind === 'query' && status === 200) counts.empty += 1;
        else if (!named.has(operation.name))
          wrong.push(`${operation.name} as ${column}: ${status} ${text.slice(0, 200)}`);
        const leaked = [south.mark, ...south.guarded.filter((value) => value.includes('south'))].filter((value) =>
          text.includes(value),
        );
        if (leaked.length > 0)
          wrong.push(`${operation.name} as ${column} shows ${leaked.join(', ')} of the other tenant`);
      }
    }
    expect(wrong).toEqual([]);
    expect(counts.absent).toBeGreaterThan(counts.refused);
    expect(north.tenant).toBe('north');
  }, 120_000);

  async function foreign(client: TestClient, operation: Operation, input: Json) {
    if (operation.kind === 'query' || operation.ifMatch !== 'required') return send(client, operation, input);
    return sendWithVersion(app, client, operation, input);
  }
});

/** The least that the types of GraphQL take, so that the field itself is asked. */
function least(type: GraphQLInputType): unknown {
  const bare = getNullableType(type);
  if (bare instanceof GraphQLList) return [];
  if (bare instanceof GraphQLEnumType) return bare.getValues()[0]?.name;
  if (bare instanceof GraphQLInputObjectType) {
    const inner = Object.values(bare.getFields());
    const wanted = bare.isOneOf ? inner.slice(0, 1) : inner.filter((field) => String(field.type).endsWith('!'));
    return Object.fromEntries(wanted.map((field) => [field.name, least(field.type)]));
  }
  return { Int: 1, Float: 1, Boolean: true, ID: nowhere, JSON: {} }[String(bare)] ?? 'x';
}

function callOf(
  field: GraphQLField<unknown, unknown>,
  root: string,
  given: Json,
  depth: number,
): { text: string; variables: Json } {
  const used = field.args.filter(({ name, type }) => name in given || String(type).endsWith('!') || name === 'input');
  const declared = used.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const passed = used.map(({ name }) => `${name}: $${name}`).join(', ');
  const text = `${root}${declared && ` (${declared})`} { ${field.name}${passed && `(${passed})`}${everythingBelow(field.type, depth)} }`;
  return { text, variables: Object.fromEntries(used.map(({ name, type }) => [name, given[name] ?? least(type)])) };
}
