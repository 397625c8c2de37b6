import { type Actor, newId } from '@daybook/kernel';
import { attempt, JobAborted } from '../attempt.js';
import { Scheduler, type ScheduleTable } from '../schedule.js';
import {
  assertCanWait,
  type JobDeclaration,
  type JobEnvelope,
  type JobRun,
  type Jobs,
  type JobStatus,
  type JobWork,
  tooManyJobs,
} from '../port.js';

type Entry = JobStatus & { readonly job: JobDeclaration; readonly dueAt: string | null };
type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** How often it is looked whether the moment of a job has come. */
const lookMs = 20;

/** Jobs in memory, run one after another, for specs without a database. Retries follow at once. */
export function memoryJobs(now: () => Date = () => new Date()): Jobs {
  const entries = new Map<string, Writable<Entry>>();
  const handlers = new Map<string, JobWork>();
  const running = new Map<string, AbortController>();
  let busy: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let schedulers: readonly Scheduler[] = [];
  const dueAt = new Map<string, Date>();
  let stopped = false;
  const isDue = ({ dueAt }: Entry): boolean => dueAt === null || Date.parse(dueAt) <= now().getTime();
  const waitingOf = (tenant: string): Entry[] =>
    [...entries.values()].filter((one) => one.tenant === tenant && one.state === 'waiting' && isDue(one));
  /** Tenants ordered by their last turn, the latest last. */
  let served: readonly string[] = [];

  const runOne = async (entry: Writable<Entry>, { handler, givenUp }: JobWork): Promise<void> => {
    entry.state = 'running';
    served = [...served.filter((tenant) => tenant !== entry.tenant), entry.tenant];
    entry.attempt += 1;
    entry.startedAt ??= new Date().toISOString();
    const controller = new AbortController();
    running.set(entry.id, controller);
    const run: JobRun<unknown> = {
      id: entry.id,
      tenant: entry.tenant,
      actor: entry.actor,
      correlationId: entry.correlationId,
      input: entry.job.input.parse(entry.input),
      attempt: entry.attempt,
      signal: controller.signal,
      progress: async (done, total, phase) => {
        entry.progress = { done, total, phase };
      },
      reached: entry.progress,
      giveWay: async () => undefined,
    };
    const outcome = await attempt(() => handler(run), controller, entry.job.timeoutSeconds);
    running.delete(entry.id);
    if (outcome.kind === 'done') Object.assign(entry, { state: 'done', result: outcome.result, error: null });
    else if (outcome.kind === 'stopped' && outcome.cause === 'cancelled') entry.state = 'cancelled';
    else if (outcome.kind === 'stopped') Object.assign(entry, { state: 'waiting', attempt: entry.attempt - 1 });
    else {
      entry.error = outcome.error;
      const isOver = outcome.kind === 'rejected' || entry.attempt >= entry.job.attempts;
      if (isOver) await givenUp?.(run as never, outcome.error);
      entry.state = isOver ? 'failed' : 'waiting';
    }
    if (entry.state !== 'waiting') entry.endedAt = new Date().toISOString();
  };

  const next = (): [Writable<Entry>, JobWork] | null => {
    const waiting = [...entries.values()].filter(
      (one) => one.state === 'waiting' && handlers.has(one.name) && isDue(one),
    );
    const turn = (entry: Entry): number => served.indexOf(entry.tenant);
    const entry = waiting.reduce<Writable<Entry> | null>((first, one) => (first && turn(first) <= turn(one) ? first : one), null); // prettier-ignore
    return entry && [entry, handlers.get(entry.name)!];
  };
  const drain = async (): Promise<void> => {
    for (let found = next(); found && !stopped; found = next()) await runOne(...found);
  };
  const wake = (): void => {
    busy ??= drain().finally(() => {
      busy = null;
      if (next() && !stopped) wake();
    });
  };
  const of = (tenant: string, id: string): Writable<Entry> | null => {
    const entry = entries.get(`${tenant}/${id}`);
    return entry ?? null;
  };
  const shown = ({ job: _job, dueAt: _dueAt, ...status }: Entry): JobStatus => structuredClone(status);

  const table: ScheduleTable = {
    dueAt: async (name, times) => dueAt.get(`${name} ${times}`) ?? null,
    move: async (name, times, _from, to) => void dueAt.set(`${name} ${times}`, to),
    isUnderWay: async (name, tenant) =>
      [...entries.values()].some((one) => one.name === name && one.tenant === tenant && one.endedAt === null),
  };

  const refusal = (tenant: string, actor: Actor) => {
    const all = waitingOf(tenant);
    return tooManyJobs({ all: all.length, own: all.filter((one) => one.actor.id === actor.id).length }, actor);
  };
  const jobs: Jobs = {
    async start(job, input, envelope: JobEnvelope, id = newId(), { notBefore } = {}) {
      job.input.parse(input);
      if (notBefore !== undefined) assertCanWait(job);
      const key = `${envelope.tenant}/${id}`;
      if (!entries.has(key)) {
        const refused = notBefore === undefined ? refusal(envelope.tenant, envelope.actor) : null;
        if (refused) throw refused;
        entries.set(key, {
          ...envelope,
          id,
          job,
          input,
          name: job.name,
          title: job.title,
          state: 'waiting',
          progress: { done: 0, total: null, phase: '' },
          attempt: 0,
          createdAt: new Date().toISOString(),
          startedAt: null,
          endedAt: null,
          error: null,
          result: null,
          dueAt: notBefore ?? null,
        });
      }
      wake();
      return id;
    },
    refusal: async (tenant, actor) => refusal(tenant, actor),
    async get(tenant, id) {
      const entry = of(tenant, id);
      return entry ? shown(entry) : null;
    },
    async list(tenant, { limit = 50 } = {}) {
      const own = [...entries.values()]
        .filter((entry) => entry.tenant === tenant && (entry.state !== 'waiting' || isDue(entry)))
        .reverse();
      return own.slice(0, Math.max(1, Math.min(limit, 200))).map(shown);
    },
    async cancel(tenant, id) {
      const entry = of(tenant, id);
      if (!entry || (entry.state !== 'waiting' && entry.state !== 'running')) return false;
      if (entry.state === 'waiting') Object.assign(entry, { state: 'cancelled', endedAt: new Date().toISOString() });
      running.get(id)?.abort(new JobAborted('cancelled'));
      return true;
    },
    async forget(tenant, { actorId, texts }) {
      const found = [...entries.values()].filter((entry) => {
        const held = JSON.stringify([entry.input, entry.result, entry.error, entry.progress.phase]);
        const named = texts.some((text) => text !== '' && held.includes(JSON.stringify(text).slice(1, -1)));
        const isEmpty = JSON.stringify([entry.input, entry.result]) === '[{},null]' && !entry.error?.message;
        return entry.tenant === tenant && entry.endedAt !== null && !isEmpty && (named || entry.actor.id === actorId);
      });
      for (const entry of found) {
        const error = entry.error && { code: entry.error.code, message: '' };
        Object.assign(entry, { input: {}, result: null, error, progress: { ...entry.progress, phase: '' } });
      }
      return found.length;
    },
    async work(list, schedules = []) {
      for (const one of list) handlers.set(one.job.name, one);
      timer ??= setInterval(wake, lookMs);
      const onError = (error: Error): void => {
        throw error;
      };
      schedulers = schedules.map((one) => new Scheduler(one, { table, jobs, clock: async () => now(), onError }));
      for (const one of schedulers) one.start(lookMs);
      wake();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await Promise.all(schedulers.map((one) => one.stop()));
      for (const controller of running.values()) controller.abort(new JobAborted('stopping'));
      await busy;
    },
  };
  return jobs;
}
