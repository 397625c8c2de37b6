import { Client } from 'pg';
import {
  commandOf,
  databaseUrlOf,
  type Login,
  pause,
  processesOf,
  ready,
  session,
  Starts,
} from '../../../../tools/start/testing/starts.js';
import { Random } from './random.js';
import { isTimeUp, runOptions } from './run-options.js';

/*
 * The whole product, as `npm start` runs it, under load: API, projector and PostgreSQL are killed in each round, after so many answers.
 * Callers get what they asked for or 503, and repeat with the same key.
 */
const { seed, productRounds } = runOptions;
const longMs = 24 * 3_600_000;
const callers = 4;
const perRound = 24;

type Part = 'api' | 'projector' | 'PostgreSQL';

describe('the whole product', () => {
  const starts = new Starts();
  let login: Login;
  let token: string;
  const statuses = new Map<number, number>();
  const killed = new Set<Part>();
  beforeAll(async () => {
    login = await ready(starts.start('--port', '0', '--no-demo'));
    await signIn();
  }, longMs);
  afterAll(async () => {
    await starts.end();
    starts.remove();
  });

  async function signIn(): Promise<void> {
    token = ((await (await session(login)).json()) as { accessToken: string }).accessToken;
  }

  /** Asks until there is an answer: a connection that is refused or cut, 503 and 429 are asked again. */
  async function answered<T>(path: string, init: RequestInit = {}): Promise<T> {
    for (;;) {
      const headers = { ...init.headers, authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const answer = await fetch(`${login.url}${path}`, { ...init, headers }).catch(() => null);
      const body = await answer?.json().catch(() => null);
      if (answer) statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      if (answer?.status === 200 && body !== null) return body as T;
      if (answer && ![200, 401, 429, 503].includes(answer.status)) throw new Error(`${path}: ${answer.status} ${JSON.stringify(body)}`); // prettier-ignore
      if (answer?.status === 503) expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
      if (answer?.status === 401) await signIn().catch(() => undefined);
      await pause();
    }
  }
  const create = (name: string): Promise<{ id: string; position: string }> =>
    answered('/v1/accounting/companies', {
      method: 'POST',
      headers: { 'idempotency-key': name.replace(' ', '-') },
      body: JSON.stringify({ name, currency: 'NOK' }),
    });

  function kill(part: Part): void {
    const inFolder = processesOf(starts.folder);
    const pids =
      part === 'PostgreSQL'
        ? inFolder.filter((pid) => /postgres.* -D /.test(commandOf(pid))).slice(0, 1)
        : inFolder.filter((pid) => commandOf(pid).includes(`apps/${part}/dist/main.js`));
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    if (pids.length > 0) killed.add(part);
  }

  it(
    'loses nothing and does nothing twice while API, projector and PostgreSQL are killed',
    async () => {
      const random = new Random(seed);
      const created = new Map<string, { id: string; position: string }>();
      let round = 0;
      while (round === 0 || (round < productRounds && !isTimeUp(0.9))) {
        round += 1;
        const left = Array.from({ length: perRound }, (_, n) => `Company ${round}-${n}`);
        const kills = new Map<number, Part>((['api', 'projector', 'PostgreSQL'] as const).map((part, at) => [at * 8 + random.upTo(7), part])); // prettier-ignore
        let answers = 0;
        const call = async (): Promise<void> => {
          for (let name = left.shift(); name !== undefined; name = left.shift()) {
            created.set(name, await create(name));
            answers += 1;
            const part = kills.get(answers);
            if (part) kill(part);
          }
        };
        await Promise.all(Array.from({ length: callers }, call));
        // A program that is killed too often in a minute is given up, and the product ends.
        if (round % 5 === 0 && round < productRounds)
          for (const end = Date.now() + 61_000; Date.now() < end;) await pause();
      }
      const last = [...created.values()].reduce((a, b) => (BigInt(a.position) > BigInt(b.position) ? a : b)).position;
      const path = `/v1/accounting/companies?min-position=${last}`;
      const { items: shown } = await answered<{ items: { id: string; name: string }[] }>(path);
      // Every acknowledged company once, under the id that was answered; and a repeat gives that answer again.
      expect(shown.map(({ id, name }) => `${name} ${id}`).sort()).toEqual([...created].map(([name, { id }]) => `${name} ${id}`).sort()); // prettier-ignore
      const [name, first] = [...created][0]!;
      expect(await create(name)).toMatchObject(first);
      await expectWholeLog();
      expect([...killed].sort()).toEqual(['PostgreSQL', 'api', 'projector']);
      process.stdout.write(
        `The product was killed in ${round} of ${productRounds} rounds; answers: ${JSON.stringify([...statuses])}\n`,
      );
    },
    longMs,
  );

  async function expectWholeLog(): Promise<void> {
    const admin = new Client({ connectionString: databaseUrlOf(starts.folder) });
    await admin.connect();
    try {
      const { rows } = await admin.query<{ holes: string; gaps: string }>(
        `select (select max(position) - count(*) from store.events) as holes,
           (select count(*) from (select revision - lag(revision, 1, -1) over (partition by stream order by revision) as step
              from store.events) s where step <> 1) as gaps`,
      );
      expect(rows).toEqual([{ holes: '0', gaps: '0' }]);
    } finally {
      await admin.end();
    }
  }
});
