import { isRejection, newId } from '@daybook/kernel';
import request from 'supertest';
import { ApprovalGate, type Caller, type JobContext } from '../context.js';
import { JobCommands } from '../nest/job-commands.js';
import { filePermissions } from '../rest/file-permissions.js';
import { type KitApp, startKit } from '../testing/kit-app.js';
import { Authenticator } from './access.js';
import { ConcurrencyLimits } from './concurrency.js';
import { enhancersByOrigin } from './enhancers.js';
import type { CallOrigin } from './message.js';
import { OperationRunner } from './operation-runner.js';
import { internalRequest } from './request.js';
import {
  type Shop,
  authenticator,
  close,
  forbid,
  gate,
  hold,
  holding,
  list,
  odd,
  open,
  place,
  relay,
  relayed,
  sell,
  shopId,
  shops,
  tenant,
} from './testing/shops.js';

/*
 * Which guard, pipe, interceptors and filter run for calls of which origin. Each entry of the table is tested by what a
 * caller sees; each probe also runs with its entry inverted, and must notice.
 */
type Outside = Extract<CallOrigin, 'rest' | 'graphql'>;
type Inside = Exclude<CallOrigin, Outside | 'route'>;
const origins = { outside: ['rest', 'graphql'], inside: ['step', 'job', 'process'] } as const;

describe('the enhancers of an operation', () => {
  let kit: KitApp;
  beforeAll(async () => {
    const providers = [
      { provide: Authenticator, useValue: authenticator },
      { provide: ApprovalGate, useValue: gate },
      { provide: ConcurrencyLimits, useValue: place },
    ];
    kit = await startKit({ contexts: [shops], providers });
  });
  afterAll(() => kit.close());

  interface Answer {
    /** Code of the problem; undefined where there is none. */
    readonly code?: string;
    readonly value?: Record<string, unknown>;
  }
  const camel = (name: string): string => name.replaceAll(/[.-](\w)/g, (_, first: string) => first.toUpperCase());
  const from = (origin: Outside, of: Shop | typeof list, who: string, input: object, key?: string) =>
    origin === 'rest' ? overRest(of, who, input, key) : overGraphql(of, who, input, key);

  async function overRest(of: Shop | typeof list, who: string, input: object, key?: string): Promise<Answer> {
    const [method, path] = of.http.split(' ') as [string, string];
    const server = request(kit.app.getHttpServer());
    let sent = (method === 'GET' ? server.get(path) : server.post(path)).set('authorization', `Bearer ${who}`);
    if (key !== undefined) sent = sent.set('idempotency-key', key);
    const { body, status } = await (method === 'GET' ? sent : sent.send(input));
    return status < 300 ? { value: body } : { code: body.code };
  }
  async function overGraphql(of: Shop | typeof list, who: string, input: object, key?: string): Promise<Answer> {
    const field = camel(of.name);
    const fields = of.kind === 'query' ? '{ email }' : '{ id version approvalRequest }';
    const keyed = key === undefined ? '' : `, key: ${JSON.stringify(key)}`;
    const args = 'name' in input ? `(input: { name: ${JSON.stringify(input.name)} }${keyed})` : '';
    const text = `${of.kind === 'query' ? 'query' : 'mutation'} { ${field}${args} ${fields} }`;
    const { body } = await request(kit.app.getHttpServer())
      .post('/graphql')
      .set('authorization', `Bearer ${who}`)
      .send({ query: text });
    const problem = body.errors?.[0]?.extensions?.problem;
    return problem ? { code: problem.code } : { value: body.data?.[field] };
  }
  const caller: Caller = {
    tenant,
    actor: { kind: 'person', id: 'ada' },
    channel: 'rest',
    address: null,
    correlationId: 'trace',
    reason: null,
  };
  /** As the handler of a process sends it. */
  const asProcess: JobContext['executeAs'] = (by, of, input, ids) =>
    kit.app.get(OperationRunner).execute(of, input, internalRequest({ ...by, traceId: by.correlationId }), {
      origin: 'process',
      caller: by,
      causationId: null,
      ...ids,
    });
  /** As a job of the product, a process, or a step of another command sends it. */
  async function within(origin: Inside, of: Shop, input: object, commandId = newId()): Promise<Answer> {
    const [answer] = await allWithin(origin, of, input, [commandId]);
    return answer ?? { code: 'not sent' };
  }
  /** All at the same time; as steps, they are those of one command. */
  async function allWithin(origin: Inside, of: Shop, input: object, commandIds: string[]): Promise<Answer[]> {
    let answers: Answer[] = [];
    const send = async ({ executeAs }: Pick<JobContext, 'executeAs'>): Promise<void> => {
      answers = await Promise.all(
        commandIds.map(async (commandId): Promise<Answer> => {
          try {
            const answered = await executeAs(caller, of, input, { commandId, expectedVersion: null });
            return isRejection(answered) ? { code: answered.code } : { value: { ...answered } };
          } catch {
            return { code: 'thrown' };
          }
        }),
      );
    };
    if (origin === 'job') await send(kit.app.get(JobCommands));
    else if (origin === 'process') await send({ executeAs: asProcess });
    else {
      relayed.send = send;
      expect((await from('rest', relay, 'relayer', good)).code).toBeUndefined();
    }
    return answers;
  }
  const counted = async (of: { readonly name: string }): Promise<number> => {
    const { text } = await request(kit.app.getHttpServer()).get('/metrics');
    const lines = text.split('\n').filter((line) => line.includes(`"${of.name}"`) && /^daybook_operations/.test(line));
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  };
  const counts = async (of: { readonly name: string }, work: () => Promise<unknown>): Promise<number> => {
    const before = await counted(of);
    await work();
    return (await counted(of)) - before;
  };
  const refusals = ({ name }: { readonly name: string }) =>
    kit.log.filter((line) => line.includes('"refused"') && line.includes(name)).length;
  const logs = async (of: { readonly name: string }, work: () => Promise<unknown>): Promise<number> => {
    const before = refusals(of);
    await work();
    await new Promise((resume) => setImmediate(resume));
    return refusals(of) - before;
  };

  const good = { name: 'Corner shop' };
  /** A route that is not an operation. */
  const upload = { name: filePermissions.upload };
  const uploads = async (who: string): Promise<number> => {
    const sent = request(kit.app.getHttpServer()).post('/v1/files?name=x').set('authorization', `Bearer ${who}`);
    return (await sent.set('content-type', 'application/octet-stream').send('x')).status;
  };
  const refused = async (asked: Promise<Answer>, code: string): Promise<boolean> => (await asked).code === code;
  const passed = async (asked: Promise<Answer>): Promise<boolean> => (await asked).value !== undefined;
  /** Whether a second command finds no place while the first is running. */
  async function isCrowded(both: () => Promise<Answer[]>): Promise<boolean> {
    Object.assign(holding, { running: 0, free: Promise.withResolvers<void>() });
    place.refused = 0;
    const answers = both();
    while (holding.running + place.refused < 2) await new Promise((resume) => setImmediate(resume));
    holding.free.resolve();
    return (await answers).some(({ code }) => code === 'platform.too-many-requests');
  }
  type Probe = (origin: never) => Promise<boolean>;
  /** Of what does not run for routes there is nothing to probe. */
  type Line = readonly [what: keyof typeof enhancersByOrigin, outside: Probe, inside: Probe | null, route?: Probe];
  const lines: readonly Line[] = [
    [
      'guard',
      (origin: Outside) => refused(from(origin, open, 'nobody', good), 'platform.forbidden'),
      (origin: Inside) => passed(within(origin, open, good)),
      async () => (await uploads('nobody')) === 403,
    ],
    [
      'validation',
      (origin: Outside) => refused(from(origin, open, 'owner', { name: 'x' }), 'platform.invalid-input'),
      (origin: Inside) => refused(within(origin, open, { name: 'x' }), 'platform.invalid-input'),
    ],
    [
      'concurrency',
      (origin: Outside) => isCrowded(() => Promise.all([1, 2].map(() => from(origin, hold, 'owner', good)))),
      async (origin: Inside) => !(await isCrowded(() => allWithin(origin, hold, good, [newId(), newId()]))),
    ],
    [
      'idempotency',
      async (origin: Outside) => {
        const ask = () => from(origin, open, 'owner', good, 'once');
        const [first, second] = [await ask(), await ask()];
        return first.value !== undefined && first.value['id'] === second.value?.['id'];
      },
      async (origin: Inside) => {
        const commandId = newId();
        return (await within(origin, open, good, commandId)).value?.['id'] === commandId;
      },
    ],
    // Trusted calls never start early, so there is nothing to probe.
    ['currentRights', (origin: Outside) => refused(from(origin, list, 'former', {}), 'platform.forbidden'), null],
    [
      'answer',
      async (origin: Outside) => (await from(origin, list, 'masked', {})).value?.['email'] === null,
      (origin: Inside) => passed(within(origin, odd, good)),
    ],
    [
      'logging',
      async (origin: Outside) => (await logs(forbid, () => from(origin, forbid, 'owner', good))) === 1,
      async (origin: Inside) => (await logs(forbid, () => within(origin, forbid, good))) === 0,
      async () => (await logs(upload, () => uploads('nobody'))) === 1,
    ],
    [
      'metrics',
      async (origin: Outside) => (await counts(open, () => from(origin, open, 'owner', good))) === 1,
      async (origin: Inside) => (await counts(open, () => within(origin, open, good))) === 0,
      async () => (await counts(upload, () => uploads('owner'))) === 1,
    ],
    [
      'filter',
      // Without the filter it would not be counted as a rejection.
      async (origin: Outside) => (await counts(close, () => from(origin, close, 'owner', good))) === 1,
      (origin: Inside) => refused(within(origin, close, good), 'shops.closed'),
      async () => (await counts(upload, () => uploads('absent'))) === 1,
    ],
    [
      'approval',
      async (origin: Outside) => (await from(origin, sell, 'owner', good)).value?.['approvalRequest'] === shopId,
      async (origin: Inside) => (await within(origin, sell, good)).value?.['approvalRequest'] === undefined,
    ],
  ];
  const cases = lines.flatMap(([what, outside, inside, route]) => [
    ...origins.outside.map((origin) => [what, origin, outside as (origin: CallOrigin) => Promise<boolean>] as const),
    ...(inside === null
      ? []
      : origins.inside.map((origin) => [what, origin, inside as (origin: CallOrigin) => Promise<boolean>] as const)),
    ...(route === undefined ? [] : [[what, 'route', route as (origin: CallOrigin) => Promise<boolean>] as const]),
  ]);

  it.each(cases)('apply %s as the table says to calls from %s', async (what, origin, probe) => {
    expect(await probe(origin)).toBe(true);
    const line = enhancersByOrigin[what] as Record<CallOrigin, boolean>;
    const said = line[origin];
    line[origin] = !said;
    try {
      expect(await probe(origin)).toBe(false);
    } finally {
      line[origin] = said;
    }
    expect(await probe(origin)).toBe(true);
  });

  it.each(['', 'a b', 'x'.repeat(201), '\u{d800}'])('refuse the Idempotency-Key %j from every origin', async (key) => {
    const code = 'platform.idempotency-key-invalid';
    const query = 'mutation ($key: String) { shopsShopOpen(input: { name: "Corner shop" }, key: $key) { id } }';
    const { body } = await request(kit.app.getHttpServer())
      .post('/graphql')
      .set('authorization', 'Bearer owner')
      .send({ query, variables: { key } });
    expect(body.errors?.[0]?.extensions.problem).toMatchObject({ code, status: 400 });
    // No header can contain the last one.
    if (key.isWellFormed()) expect(await overRest(open, 'owner', good, key)).toEqual({ code });
  });

  it('are all covered by a probe', () => {
    expect(Object.keys(enhancersByOrigin)).toEqual(lines.map(([what]) => what));
    const ofRoutes = Object.entries(enhancersByOrigin).flatMap(([what, runs]) => (runs.route ? [what] : []));
    expect(ofRoutes).toEqual(lines.flatMap(([what, , , route]) => (route === undefined ? [] : [what])));
  });
});
