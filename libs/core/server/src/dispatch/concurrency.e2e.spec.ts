import { newId, query } from '@daybook/kernel';
import * as z from 'zod';
import { answer, context } from '../context.js';
import { type KitApp, startKit, tokenOf } from '../testing/kit-app.js';
import { concurrencyRules } from './concurrency.js';
import { RateLimits } from './limits.js';

/** Counts operations, and lets all of them pass. */
class CountingLimits extends RateLimits {
  operations = 0;
  override take(key: string): null {
    if (!key.startsWith('graphql ')) this.operations += 1;
    return null;
  }
}

const read = query('halls.hall.read', {
  title: 'Read the hall',
  http: 'GET /v1/halls',
  permission: 'halls.hall.read',
  input: z.object({ name: z.string() }),
  output: z.object({ name: z.string() }),
});
/** Reads of `slow` are held until a spec lets them go. */
const hall = { running: 0, most: 0, ran: 0, open: Promise.withResolvers<void>() };
const halls = context({
  name: 'halls',
  title: 'Halls',
  bindings: [
    answer(read, async ({ name }) => {
      if (name === 'slow') {
        hall.most = Math.max(hall.most, (hall.running += 1));
        hall.ran += 1;
        await hall.open.promise;
        hall.running -= 1;
      }
      return { name };
    }),
  ],
});
const [tenant, other] = [newId(), newId()];
const { running, waiting } = concurrencyRules.query.caller;

describe('one caller who asks for more than anybody may', () => {
  const limits = new CountingLimits();
  let kit: KitApp;
  let url: string;
  beforeEach(async () => {
    Object.assign(hall, { running: 0, most: 0, ran: 0, open: Promise.withResolvers<void>() });
    limits.operations = 0;
    kit = await startKit({ contexts: [halls], providers: [{ provide: RateLimits, useValue: limits }] });
    await kit.app.listen(0, '127.0.0.1');
    url = await kit.app.getUrl();
  });
  afterEach(() => kit.close());

  const bearer = (person: string, of = tenant) => ({
    authorization: `Bearer ${tokenOf(of, person, ['halls.hall.read'])}`,
  });
  const rest = (person: string, name: string, of = tenant) =>
    fetch(`${url}/v1/halls?name=${name}`, { headers: bearer(person, of) });
  const graphql = async (person: string, aliases: number, signal?: AbortSignal) => {
    const fields = Array.from({ length: aliases }, (_, n) => `a${n}: hallsHallRead(input: { name: "slow" }) { name }`);
    const asked = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { ...bearer(person), 'content-type': 'application/json' },
      body: JSON.stringify({ query: `{ ${fields.join(' ')} }` }),
      ...(signal ? { signal } : {}),
    });
    return (await asked.json()) as {
      data: Record<string, { name: string }> | null;
      errors?: { path: string[]; extensions: { problem: { status: number; code: string; details: object } } }[];
    };
  };
  const until = async (isSo: () => boolean | Promise<boolean>) => {
    while (!(await isSo())) await new Promise((resume) => setTimeout(resume, 5));
  };
  const left = async () => {
    const { payload } = await kit.app.inject({ method: 'GET', url: '/metrics' });
    const counted = [...payload.matchAll(/^daybook_operations_total\{.*status="408"\} (\d+)$/gm)];
    return counted.reduce((sum, [, count]) => sum + Number(count), 0);
  };

  it('holds up nobody else by 100 requests of 20 aliases each', async () => {
    const [requests, aliases] = [100, 20];
    const flood = Promise.all(Array.from({ length: requests }, () => graphql('ada', aliases)));
    await until(() => limits.operations === requests * aliases);
    expect((await rest('bo', 'fast')).status).toBe(200);
    expect((await rest('cy', 'fast', other)).status).toBe(200);
    expect(hall.running).toBe(running);

    hall.open.resolve();
    const answers = await flood;
    expect([hall.most, hall.ran]).toEqual([running, running + waiting]);
    const refused = answers.filter(({ errors }) => errors !== undefined);
    expect(refused.length).toBeGreaterThanOrEqual(requests - (running + waiting) / aliases);
    for (const { path, extensions } of refused.flatMap(({ errors = [] }) => errors)) {
      expect(path).toEqual([expect.stringMatching(/^a\d+$/)]);
      expect(extensions.problem).toMatchObject({
        status: 429,
        code: 'platform.too-many-requests',
        details: { retryAfterSeconds: 1 },
      });
    }
  });

  it('gets the whole answer to one request of 20 aliases', async () => {
    hall.open.resolve();
    const { data, errors } = await graphql('ada', 20);
    expect(errors).toBeUndefined();
    expect(Object.keys(data ?? {})).toHaveLength(20);
    expect(hall.ran).toBe(20);
  });

  it('is refused over REST with the seconds to wait', async () => {
    const asked = Array.from({ length: running + waiting }, () => rest('ada', 'slow'));
    await until(() => limits.operations === running + waiting);
    const refused = await rest('ada', 'slow');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    hall.open.resolve();
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(asked.map(() => 200));
  });

  it('leaves the queue with a request that is aborted, over REST and GraphQL', async () => {
    const asked = Array.from({ length: running }, () => rest('ada', 'slow'));
    await until(() => hall.running === running);
    const leaving = new AbortController();
    const [aliases, ofRest] = [5, 1];
    const aborted = [
      graphql('ada', aliases, leaving.signal),
      fetch(`${url}/v1/halls?name=slow`, { headers: bearer('ada'), signal: leaving.signal }),
    ];
    await until(() => limits.operations === running + aliases + ofRest);
    leaving.abort();
    await Promise.allSettled(aborted);
    await until(async () => (await left()) === aliases + ofRest);
    hall.open.resolve();
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(asked.map(() => 200));
    expect((await rest('ada', 'fast')).status).toBe(200);
    expect(hall.ran).toBe(running);
    expect(kit.log.filter((line) => line.includes('operation failed'))).toEqual([]);
  });
});
