import { addAccount, addJournal, createCompany, postEntry } from '@daybook/accounting';
import fc from 'fast-check';
import { buildClientSchema, getIntrospectionQuery } from 'graphql';
import { startApp, type TestApp } from '@daybook/testing/app';
import { ApiDocument, type Answer, type Documented, leakIn } from '@daybook/testing/openapi-document';
import { graphqlFields, graphqlRequestsTo, wildGraphql } from '@daybook/testing/graphql-requests';
import { requestsTo, type FuzzRequest } from '@daybook/testing/rest-requests';
import { FuzzValues } from '@daybook/testing/fuzz-values';

/*
 * Properties of every operation, from the document that describes it: whatever is sent, the answer is one that the
 * document allows, never an error of the server, and tells nothing of its inside. The seed is fixed and runs are counted,
 * however long they take, so that a failure is found again; FUZZ_SEED and FUZZ_RUNS look further.
 */
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_121);
const runs = Number(process.env['FUZZ_RUNS'] ?? 30);

describe('a fuzzed request', () => {
  let app: TestApp;
  let document: ApiDocument;
  let values: FuzzValues;
  let tokens: string[];
  let caller = 0;

  const send = async ({ method, url, headers, payload }: FuzzRequest): Promise<Answer> => {
    const fastify = app.app.getHttpAdapter().getInstance();
    caller += 1;
    const answer = await fastify.inject({
      method: method as 'GET',
      url,
      headers,
      // Callers without a token are limited by address: each comes from one of its own.
      remoteAddress: `10.${(caller >> 16) & 255}.${(caller >> 8) & 255}.${caller & 255}`,
      ...(payload === undefined ? {} : { payload }),
    });
    return { statusCode: answer.statusCode, headers: answer.headers, payload: answer.payload };
  };

  beforeAll(async () => {
    app = await startApp();
    const books = await app.client('Accountant');
    const { id: companyId } = await books.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' });
    for (const number of ['1920', '3000']) {
      await books.execute(addAccount, { companyId, number, name: 'Account', class: 'asset' });
    }
    await books.execute(addJournal, { companyId, code: 'GL', name: 'General' });
    const { id: entryId } = await books.execute(postEntry, {
      companyId,
      journal: 'GL',
      date: '2026-03-31',
      description: 'Sale',
      lines: [
        { account: '1920', side: 'debit', amount: '10.00' },
        { account: '3000', side: 'credit', amount: '10.00' },
      ],
    });
    const file = await books.upload('report.txt', 'content');
    await app.settle();
    tokens = [];
    for (const role of ['Admin', 'Accountant', 'Auditor'] as const) {
      for (const tenant of ['north', 'south'] as const) tokens.push((await app.client(role, tenant)).token);
    }
    document = new ApiDocument((await app.anonymous.get('/openapi.json')).body as Record<string, unknown>);
    const { person } = (await books.get('/v1/identity/session')).body as { person: { id: string } };
    values = new FuzzValues(document, {
      companyId: [companyId],
      entryId: [entryId],
      personId: [person.id],
      sha256: [file.sha256],
      number: ['1920', '3000'],
      account: ['1920', '3000'],
      journal: ['GL'],
      code: ['GL'],
      limit: [1, 2, 5],
      'min-position': ['0', '1'],
    });
  });
  afterAll(() => app.close());

  /** What was accepted can be taken in by every read model. */
  const stopped = async () => {
    await app.settle();
    return (await app.work.engine.status()).flatMap(({ name, parked }) => parked.map((one) => ({ name, ...one })));
  };

  /** All operations are tried, whatever is found in the first. */
  const faultsOf = async <T>(name: string, property: fc.IAsyncProperty<T>, numRuns = runs): Promise<string[]> => {
    const result = await fc.check(property, { seed, numRuns });
    const { failed, errorInstance, counterexample } = result;
    if (!failed || errorInstance === null) return [];
    return [`${name}: ${(errorInstance as Error).message}\n${JSON.stringify(counterexample)?.slice(0, 1_000)}`];
  };

  const plain = (operation: Documented): boolean =>
    !Object.values(operation.responses).some(({ content }) => content && 'text/event-stream' in content);

  it('over REST is answered as the document says, for every operation', async () => {
    const operations = document.operations.filter(plain);
    const counts = new Map<number, number>();
    const faults: string[] = [];
    for (const operation of operations) {
      const property = fc.asyncProperty(requestsTo(operation, values, tokens), async (request) => {
        const answer = await send(request);
        counts.set(answer.statusCode, (counts.get(answer.statusCode) ?? 0) + 1);
        if (request.method === 'HEAD') return;
        const fault = document.fault(document.at(request.method, request.url), answer);
        if (fault !== null) throw new Error(`${request.method} ${request.url.slice(0, 200)}: ${fault}`);
      });
      faults.push(...(await faultsOf(operation.id, property)));
    }
    expect(await stopped()).toEqual([]);
    expect(faults).toEqual([]);
    const sum = [...counts.values()].reduce((a, b) => a + b, 0);
    expect(sum).toBeGreaterThan(operations.length * 5);
    // Both happen: what is refused, and what goes through to the end.
    expect(counts.get(200) ?? 0).toBeGreaterThan(sum / 50);
    expect(counts.get(400) ?? 0).toBeGreaterThan(sum / 50);
  }, 900_000);

  it('over GraphQL is answered with data or problems, for every field', async () => {
    const { body } = await (await app.client('Admin')).graphql(getIntrospectionQuery()).expect(200);
    const fields = graphqlFields(buildClientSchema(body.data));
    const faults: string[] = [];
    const counts = new Map<string, number>();
    for (const field of fields) {
      const operation = document.operations.find(({ id }) => id === field.name);
      if (!operation) throw new Error(`${field.name} is in GraphQL alone`);
      const property = fc.asyncProperty(graphqlRequestsTo(field, operation, values, tokens), async (request) => {
        const answer = await send(request);
        const fault = graphqlFault(answer);
        if (fault !== null) throw new Error(`${field.name}: ${fault}`);
        const kind = answer.payload.includes('"errors":[{') ? 'refused' : 'answered';
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
      });
      faults.push(...(await faultsOf(field.name, property)));
    }
    expect(await stopped()).toEqual([]);
    expect(faults).toEqual([]);
    const sum = [...counts.values()].reduce((a, b) => a + b, 0);
    expect(sum).toBeGreaterThan(fields.length * 2);
    // Both happen: what is refused, and what goes through to the end.
    expect(counts.get('answered') ?? 0).toBeGreaterThan(sum / 50);
    expect(counts.get('refused') ?? 0).toBeGreaterThan(sum / 50);
  }, 900_000);

  it('to GraphQL as a whole is answered with problems: broken documents, wild bodies', async () => {
    const property = fc.asyncProperty(wildGraphql(tokens), async (request) => {
      const answer = await send(request);
      const fault = request.method === 'HEAD' ? null : graphqlFault(answer);
      if (fault !== null) throw new Error(fault);
    });
    expect(await faultsOf('graphql', property, runs * 30)).toEqual([]);
  }, 900_000);

  const graphqlFault = (answer: Answer): string | null => {
    const { statusCode, headers, payload } = answer;
    if (statusCode >= 500) return `a ${statusCode}: ${payload.slice(0, 300)}`;
    const leak = leakIn(payload);
    if (leak !== null) return `it tells of its inside: ${leak}`;
    const type = String(headers['content-type'] ?? '').split(';')[0];
    if (type === 'application/problem+json') return document.problemFault(JSON.parse(payload));
    if (type !== 'application/json') return `it is ${type}`;
    const { data, errors } = JSON.parse(payload) as {
      data?: unknown;
      errors?: { extensions?: Json; message: string }[];
    };
    if (statusCode !== 200 && !errors?.length) return `a ${statusCode} without errors`;
    if (data === undefined) return 'no data';
    for (const { extensions, message } of errors ?? []) {
      const problem = extensions?.['problem'] as { status: number } | undefined;
      const fault = document.problemFault(problem);
      if (fault !== null) return `${message}: ${fault}`;
      if (problem && problem.status >= 500 && problem.status !== 503)
        return `a problem of ours: ${payload.slice(0, 300)}`;
    }
    return null;
  };
});

type Json = Record<string, unknown>;
