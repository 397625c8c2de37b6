import { camelName } from '@daybook/kernel';
import { defaultLimits } from '@daybook/server/dispatch/limits';
import { Validator } from '@seriousme/openapi-schema-validator';
import { startApp, type TestApp } from '@daybook/testing/app';

describe('the API documents of the whole product', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  it('are a valid OpenAPI 3.1 document with each operation once', async () => {
    const { body } = await app.anonymous.get('/openapi.json').expect(200);
    const result = await new Validator().validate(structuredClone(body));
    expect(result).toMatchObject({ valid: true });
    const paths = Object.values(body.paths as Record<string, Record<string, { operationId: string }>>);
    const ids = paths.flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
    expect(new Set(ids).size).toBe(ids.length);
    for (const { name } of app.api.bindings.operations) expect(ids).toContain(camelName(name));
  });

  it('are a GraphQL schema with a field for each operation', async () => {
    const query = '{ __schema { queryType { fields { name } } mutationType { fields { name } } } }';
    const { body } = await app.anonymous.post('/graphql').send({ query }).expect(200);
    const { queryType, mutationType } = body.data.__schema;
    const names = [...queryType.fields, ...mutationType.fields].map(({ name }: { name: string }) => name).sort();
    expect(names).toEqual(app.api.bindings.operations.map(({ name }) => camelName(name)).sort());
  });

  it('are served at /docs under the strict content security policy', async () => {
    const page = await app.anonymous.get('/docs').expect(200);
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    expect(page.headers['content-security-policy']).not.toContain('unsafe');
    await app.anonymous.get('/graphiql').expect(404);
  });

  it('describe the answers: GraphQL and REST return the same', async () => {
    const client = await app.client('Admin');
    const { body: rest } = await client.get('/v1/identity/session').expect(200);
    const rights = 'role permissions limited { companyId permissions } restricted';
    const field = `identitySessionRead { person { id name email } tenant { id name } ${rights} }`;
    const { body } = await client.graphql(`{ ${field} }`).expect(200);
    const { tenants: _, ...same } = rest as Record<string, unknown>;
    expect(body).toEqual({ data: { identitySessionRead: same } });
  });

  it('count the rate limit per aliased field, so that one request cannot exceed it', async () => {
    const fields = Array.from({ length: 20 }, (_, i) => `a${i}: identitySessionRead { role }`).join(' ');
    // The first error nulls the whole answer, so each request tells one code, yet counts for each of its fields.
    const ask = async (): Promise<string> => {
      const { body } = await app.anonymous.post('/graphql').send({ query: `{ ${fields} }` });
      return body.errors[0].extensions.problem.code;
    };
    await app.clock.freeze(async () => {
      const codes: string[] = [];
      for (let i = 0; i <= defaultLimits.anonymous.burst / 20; i++) codes.push(await ask());
      expect(codes[0]).toBe('platform.unauthenticated');
      expect(codes.at(-1)).toBe('platform.too-many-requests');
      app.clock.advance((20 / defaultLimits.anonymous.perSecond) * 1_000);
      expect(await ask()).toBe('platform.unauthenticated');
    });
    // Specs that ask a lot get the same answers on a machine that is fast.
    for (let i = 0; i <= defaultLimits.anonymous.burst / 20; i++) expect(await ask()).toBe('platform.unauthenticated');
  });
});
