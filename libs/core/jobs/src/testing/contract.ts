import { newId, reject, RejectionError } from '@daybook/kernel';
import * as z from 'zod';
import {
  job,
  type JobEnvelope,
  type JobHandler,
  type Jobs,
  type JobState,
  type JobStatus,
  maxWaitingJobs,
  maxWaitingJobsOfOne,
} from '../port.js';
import { count, quick } from './counting.js';
import { scheduleContract } from './schedule-contract.js';

const deaf = job('test.deaf', { title: 'Hear nothing', input: z.object({}), attempts: 2, timeoutSeconds: 1 });

const product = { kind: 'system', id: 'upkeep' } as const;
export const envelopeOf = (tenant: string): JobEnvelope => ({
  tenant,
  actor: { kind: 'person', id: newId() },
  correlationId: newId(),
});

/** Waits until the job is in the state, with a timeout in seconds. */
export async function until(jobs: Jobs, tenant: string, id: string, state: JobState, seconds = 15): Promise<JobStatus> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const status = await jobs.get(tenant, id);
    if (status?.state === state) return status;
    if (Date.now() > end) throw new Error(`The job is ${JSON.stringify(status)} and not ${state}.`);
    await new Promise((next) => setTimeout(next, 25));
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason as Error)));

/** The contract of the port for every adapter. `open` returns isolated jobs that can both start and run, by a clock that is held. */
export function jobsContract(open: (now: () => Date) => Promise<Jobs>): void {
  let jobs: Jobs;
  let now: Date;
  const tenant = newId();
  const working = (handler: JobHandler<{ to: number }>): Promise<void> =>
    jobs.work([
      { job: count, handler },
      { job: quick, handler },
      { job: deaf, handler: () => new Promise(() => undefined) },
    ]);

  beforeEach(async () => {
    now = new Date('2026-03-01T12:00:00Z');
    jobs = await open(() => now);
  });
  afterEach(async () => {
    await jobs.stop();
  });

  it('erases personal data in ended jobs that a person started or that name them, and in no others', async () => {
    await working(async ({ input }) => ({ said: `Kari "K" counted to ${input.to}` }));
    const [mine, foreign, silent] = [envelopeOf(tenant), envelopeOf(newId()), envelopeOf(tenant)];
    const ids = [
      await jobs.start(count, { to: 1 }, mine),
      await jobs.start(count, { to: 2 }, { ...mine, actor: { kind: 'person', id: newId() } }),
    ];
    const others = [await jobs.start(count, { to: 3 }, foreign), await jobs.start(quick, {}, silent)];
    for (const id of ids) await until(jobs, tenant, id, 'done');
    await until(jobs, foreign.tenant, others[0]!, 'done');
    await until(jobs, tenant, others[1]!, 'done');
    expect(await jobs.forget(tenant, { actorId: mine.actor.id, texts: ['nobody', ''] })).toBe(1);
    expect((await jobs.get(tenant, ids[0]!))?.result).toBeNull();
    expect((await jobs.get(tenant, ids[1]!))?.result).toEqual({ said: 'Kari "K" counted to 2' });
    // The fourth contains the text too: "counted to undefined".
    expect(await jobs.forget(tenant, { actorId: 'nobody', texts: ['Kari "K"'] })).toBe(2);
    expect(await jobs.forget(tenant, { actorId: mine.actor.id, texts: ['Kari "K"'] })).toBe(0);
    expect(await jobs.get(tenant, ids[1]!)).toMatchObject({ state: 'done', title: 'Count to a number', result: null });
    expect((await jobs.get(foreign.tenant, others[0]!))?.result).toEqual({ said: 'Kari "K" counted to 3' });
  });

  it('runs a job with its input and envelope and stores the result', async () => {
    const seen: unknown[] = [];
    await working(async ({ input, tenant, actor, correlationId, attempt }) => {
      seen.push({ input, tenant, actor, correlationId, attempt });
      return { counted: input.to };
    });
    const envelope = envelopeOf(tenant);
    const id = await jobs.start(count, { to: 3 }, envelope);
    const status = await until(jobs, tenant, id, 'done');
    expect(seen).toEqual([{ input: { to: 3 }, ...envelope, attempt: 1 }]);
    expect(status).toMatchObject({
      id,
      name: 'test.count',
      title: 'Count to a number',
      result: { counted: 3 },
      attempt: 1,
    });
    expect(status).toMatchObject({ ...envelope, error: null });
    expect([status.createdAt, status.startedAt, status.endedAt].every((at) => at?.endsWith('Z'))).toBe(true);
  });

  it('begins a job that waits for a moment when it has come, and not before', async () => {
    const ran: string[] = [];
    await working(async ({ input }) => void ran.push(String(input.to)));
    const inAWeek = '2026-03-08T12:00:00.000Z';
    const id = await jobs.start(count, { to: 1 }, envelopeOf(tenant), newId(), { notBefore: inAWeek });
    const ready = async (at: string): Promise<void> => {
      now = new Date(at);
      await until(jobs, tenant, await jobs.start(count, { to: 0 }, envelopeOf(tenant)), 'done');
    };
    await ready('2026-03-01T12:00:00Z');
    await ready('2026-03-08T11:59:59Z');
    expect([ran, await jobs.get(tenant, id)]).toMatchObject([['0', '0'], { state: 'waiting', attempt: 0 }]);
    expect((await jobs.list(tenant)).map((one) => one.id)).not.toContain(id);
    now = new Date(inAWeek);
    await until(jobs, tenant, id, 'done');
    expect(ran).toEqual(['0', '0', '1']);
    expect((await jobs.list(tenant)).map((one) => one.id)).toContain(id);
  });

  it('counts no job as waiting whose moment has not come, and starts one however many wait', async () => {
    const patient = newId();
    const wait = () =>
      jobs.start(count, { to: 0 }, envelopeOf(patient), newId(), { notBefore: '2026-03-08T12:00:00Z' });
    for (let n = 0; n < maxWaitingJobs; n += 1) await wait();
    expect(await jobs.refusal(patient, product)).toBeNull();
    now = new Date('2026-03-08T12:00:00Z');
    expect(await jobs.refusal(patient, product)).not.toBeNull();
    await wait();
  });

  it('takes no moment for a job of the API, which would begin at once', async () => {
    const wait = (runsIn: 'api' | 'projector') =>
      jobs.start({ ...count, runsIn }, { to: 1 }, envelopeOf(tenant), newId(), { notBefore: '2026-03-08T12:00:00Z' });
    await expect(wait('api')).rejects.toThrow('runs in the API');
    await expect(wait('projector')).resolves.toBeDefined();
  });

  it('calls off a job that waits for a moment', async () => {
    const id = await jobs.start(count, { to: 1 }, envelopeOf(tenant), newId(), { notBefore: '2026-03-08T12:00:00Z' });
    expect(await jobs.cancel(tenant, id)).toBe(true);
    expect(await jobs.get(tenant, id)).toMatchObject({ state: 'cancelled' });
    expect(await jobs.cancel(tenant, id)).toBe(false);
  });

  scheduleContract({ jobs: () => jobs, tenant, now: (at) => (at === undefined ? now : (now = at)) });

  it('treats the same id as the same job', async () => {
    let runs = 0;
    await working(async () => {
      runs += 1;
    });
    const id = newId();
    await jobs.start(count, { to: 1 }, envelopeOf(tenant), id);
    await until(jobs, tenant, id, 'done');
    expect(await jobs.start(count, { to: 1 }, envelopeOf(tenant), id)).toBe(id);
    await new Promise((next) => setTimeout(next, 300));
    expect(runs).toBe(1);
    expect((await jobs.list(tenant)).filter((status) => status.id === id)).toHaveLength(1);
  });

  it("runs one tenant's job in its turn, however many another tenant has waiting", async () => {
    const [many, few] = [newId(), newId()];
    for (let to = 0; to < 30; to += 1) await jobs.start(count, { to }, envelopeOf(many));
    const one = await jobs.start(count, { to: 0 }, envelopeOf(few));
    const ran: string[] = [];
    await working(async ({ tenant: of }) => void ran.push(of));
    await until(jobs, few, one, 'done');
    expect(ran.indexOf(few)).toBeLessThanOrEqual(2);
  });

  it('rejects jobs of a tenant with too many waiting, but not those of other tenants', async () => {
    const many = newId();
    const ids = [];
    for (let to = 0; to < maxWaitingJobs; to += 1)
      ids.push(await jobs.start(count, { to }, { ...envelopeOf(many), actor: product }));
    await expect(jobs.start(count, { to: 0 }, envelopeOf(many))).rejects.toMatchObject({
      rejection: { code: 'platform.too-many-jobs', status: 429 },
    });
    expect(await jobs.refusal(many, product)).not.toBeNull();
    expect(await jobs.refusal(tenant, product)).toBeNull();
    // A repeat does not count.
    expect(await jobs.start(count, { to: 0 }, envelopeOf(many), ids[0]!)).toBe(ids[0]);
    await jobs.start(count, { to: 0 }, envelopeOf(tenant));
    await jobs.cancel(many, ids[0]!);
    await jobs.start(count, { to: 0 }, envelopeOf(many));
  });

  it('rejects jobs of one person with too many waiting, so that everybody else in the tenant can start theirs', async () => {
    const many = newId();
    const of = (id: string) => ({ ...envelopeOf(many), actor: { kind: 'person', id } as const });
    for (let to = 0; to < maxWaitingJobsOfOne; to += 1) await jobs.start(count, { to }, of('eager'));
    await expect(jobs.start(count, { to: 0 }, of('eager'))).rejects.toMatchObject({
      rejection: { code: 'platform.too-many-jobs', status: 429, message: expect.stringContaining('You have already') },
    });
    await jobs.start(count, { to: 0 }, of('patient'));
    await jobs.start(count, { to: 0 }, { ...of('eager'), actor: { kind: 'process', id: 'eager' } });
  });

  it('rejects an input that does not fit the schema', async () => {
    await expect(jobs.start(count, { to: 'x' as unknown as number }, envelopeOf(tenant))).rejects.toThrow();
  });

  it('shows progress while the job runs', async () => {
    let go = (): void => undefined;
    const gate = new Promise<void>((open) => (go = open));
    await working(async ({ progress }) => {
      await progress(1, 2, 'Counting');
      await gate;
    });
    const id = await jobs.start(count, { to: 2 }, envelopeOf(tenant));
    await until(jobs, tenant, id, 'running');
    const end = Date.now() + 5000;
    while ((await jobs.get(tenant, id))?.progress.done !== 1 && Date.now() < end) {
      await new Promise((next) => setTimeout(next, 25));
    }
    expect((await jobs.get(tenant, id))?.progress).toEqual({ done: 1, total: 2, phase: 'Counting' });
    go();
    await until(jobs, tenant, id, 'done');
  });

  it('keeps jobs apart by tenant', async () => {
    const id = await jobs.start(count, { to: 1 }, envelopeOf(tenant));
    const stranger = newId();
    expect(await jobs.get(stranger, id)).toBeNull();
    expect(await jobs.list(stranger)).toEqual([]);
    expect(await jobs.cancel(stranger, id)).toBe(false);
  });

  it('lists the newest first', async () => {
    const own = newId();
    const first = await jobs.start(count, { to: 1 }, envelopeOf(own));
    const second = await jobs.start(count, { to: 2 }, envelopeOf(own));
    expect((await jobs.list(own)).map((status) => status.id)).toEqual([second, first]);
    expect((await jobs.list(own, { limit: 1 })).map((status) => status.id)).toEqual([second]);
  });

  it('retries after an unexpected error, and reports the last one when all attempts have failed', async () => {
    await working(async ({ attempt }) => {
      throw new Error(`Out of luck ${attempt}\n  at a place nobody needs to know`);
    });
    const id = await jobs.start(count, { to: 1 }, envelopeOf(tenant));
    const status = await until(jobs, tenant, id, 'failed');
    expect(status).toMatchObject({ attempt: 2, error: { code: 'platform.job-failed', message: 'Out of luck 2' } });
  });

  it('fails on a rejection without a retry', async () => {
    await working(async () => {
      throw new RejectionError(reject('test.refused', 'That cannot be.'));
    });
    const id = await jobs.start(count, { to: 1 }, envelopeOf(tenant));
    const status = await until(jobs, tenant, id, 'failed');
    expect(status).toMatchObject({ attempt: 1, error: { code: 'test.refused', message: 'That cannot be.' } });
  });

  it('cancels a waiting job so that it never runs', async () => {
    let ran = false;
    const id = await jobs.start(count, { to: 1 }, envelopeOf(tenant));
    expect(await jobs.cancel(tenant, id)).toBe(true);
    await working(async () => {
      ran = true;
    });
    await until(jobs, tenant, id, 'cancelled');
    await new Promise((next) => setTimeout(next, 300));
    expect(ran).toBe(false);
    expect(await jobs.cancel(tenant, id)).toBe(false);
  });

  it('cancels a running job through its abort signal', async () => {
    await working(({ signal }) => aborted(signal));
    const id = await jobs.start(count, { to: 1 }, envelopeOf(tenant));
    await until(jobs, tenant, id, 'running');
    expect(await jobs.cancel(tenant, id)).toBe(true);
    const status = await until(jobs, tenant, id, 'cancelled');
    expect(status).toMatchObject({ error: null });
    expect(status.endedAt).not.toBeNull();
  });

  it('ends a job at its timeout, even if it ignores the abort signal', async () => {
    await working(() => new Promise(() => undefined));
    const id = await jobs.start(quick, {}, envelopeOf(tenant));
    const status = await until(jobs, tenant, id, 'failed');
    expect(status.error?.code).toBe('platform.job-timed-out');
  });

  it.each([
    ['its last attempt fails', async () => Promise.reject(new Error('broken')), count, 2, 'platform.job-failed'],
    ['it is rejected', async () => Promise.reject(new RejectionError(reject('test.no', 'No.'))), count, 1, 'test.no'],
    ['it takes too long', () => new Promise(() => undefined), quick, 1, 'platform.job-timed-out'],
  ] as const)(
    'does what follows a failure once, before the job counts as failed, when %s',
    async (_, handler, kind, attempt, code) => {
      const seen: unknown[] = [];
      await jobs.work([
        {
          job: kind,
          handler,
          givenUp: async (run: { id: string; attempt: number }, failure) => {
            seen.push([run.id, run.attempt, failure.code, (await jobs.get(tenant, run.id))?.state]);
          },
        },
      ]);
      const id = await jobs.start(kind as typeof count, { to: 1 }, envelopeOf(tenant));
      await until(jobs, tenant, id, 'failed', 60);
      expect(seen).toEqual([[id, attempt, code, 'running']]);
    },
  );

  it('does nothing of what follows a failure for a job that is done or cancelled', async () => {
    const givenUp = async () => Promise.reject(new Error('called'));
    await jobs.work([
      { job: count, handler: async () => undefined, givenUp },
      { job: quick, handler: ({ signal }: { signal: AbortSignal }) => aborted(signal), givenUp },
    ]);
    const cancelled = await jobs.start(quick, {}, envelopeOf(tenant));
    await until(jobs, tenant, cancelled, 'running');
    await jobs.cancel(tenant, cancelled);
    await until(jobs, tenant, cancelled, 'cancelled');
    await until(jobs, tenant, await jobs.start(count, { to: 1 }, envelopeOf(tenant)), 'done');
  });

  it('ends a cancelled job at its timeout, even if it ignores the abort signal, and runs the next in its place', async () => {
    await working(async () => undefined);
    const id = await jobs.start(deaf, {}, envelopeOf(tenant));
    await until(jobs, tenant, id, 'running');
    expect(await jobs.cancel(tenant, id)).toBe(true);
    const next = await jobs.start(quick, {}, envelopeOf(tenant));
    await until(jobs, tenant, id, 'cancelled');
    await until(jobs, tenant, next, 'done');
  });

  it('returns a running job to the queue when the process stops', async () => {
    await working(({ signal }) => aborted(signal));
    const id = await jobs.start(count, { to: 1 }, envelopeOf(tenant));
    await until(jobs, tenant, id, 'running');
    await jobs.stop();
    expect(await jobs.get(tenant, id)).toMatchObject({ state: 'waiting', attempt: 0 });
  });
}
