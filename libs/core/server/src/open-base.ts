import { isAbsolute, join } from 'node:path';
import type { EventCatalogue, EventStore } from '@daybook/event-store';
import { catalogueOf, MasterKeys, openEventStore, postgresSealer } from '@daybook/event-store';
import { openFiles } from '@daybook/files';
import { openMail } from '@daybook/mail';
import { type Jobs, openJobs } from '@daybook/jobs';
import { commandIdOf, type RecordedEvent } from '@daybook/kernel';
import { connections, createPool, Listener, orm, type Pools, type Role, roleUrl, times } from '@daybook/postgres';
import { type ReadDatabase, ReadModels } from '@daybook/projections';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { CommandHandler } from './command/command-handler.js';
import { refusingUnknown } from './command/unknown-event.js';
import type { Config } from './config.js';
import type { Context, EventReader, JobParts, Parts } from './context.js';
import type { Authenticator } from './dispatch/access.js';
import { Bindings } from './dispatch/bindings.js';
import { type Core, executeTrusted } from './dispatch/handlers.js';
import { internalRequest } from './dispatch/request.js';
import { Metrics } from './health/metrics.js';
import type { Check } from './health/readiness.js';
import { NotReady } from './health/readiness.js';
import { lagShown, watchLag } from './health/lag.js';
import { guardedStore, LogGuard, logReady } from './log/log-guard.js';
import { leavingRoom, Storage } from './health/storage.js';
import { vaultOf } from './personal-data.js';
import { platformContext } from './platform/platform.module.js';
import { Later } from './later.js';
import { Cursors } from './query/cursor.js';
import type { Reads } from './query/reads.js';
import { isPassing } from './unavailable.js';
import { eventsOf, type Resources, type Suite } from './suite.js';

/** What both apps stand on: one role's connections, the event store, read models, files, jobs, and all contexts. */
export interface Base {
  readonly config: Config;
  readonly logger: Logger;
  /** Login URL of the process's role. */
  readonly url: string;
  readonly pool: Pool;
  readonly pools: Pools;
  /** Hears what other processes say, on one connection. */
  readonly listener: Listener;
  /** Not guarded: for the projector's engine, which checks the log itself. */
  readonly store: EventStore;
  readonly log: LogGuard;
  readonly storage: Storage;
  readonly catalogue: EventCatalogue;
  readonly contexts: readonly Context[];
  readonly authenticator: Authenticator;
  readonly core: Core;
  readonly jobs: Jobs;
  readonly jobParts: JobParts;
  readonly metrics: Metrics;
  readonly checks: Readonly<Record<string, Check>>;
  close(): Promise<void>;
}

export interface BaseOptions {
  readonly role: Role;
  /** Jobs worked on at once in this process; none when absent. */
  readonly jobConcurrency?: number;
  /** Metrics of the process itself (memory, event loop); once per process. */
  readonly processMetrics?: boolean;
  /** The time in milliseconds; of the machine when absent. */
  readonly now?: () => number;
}

export async function openBase(config: Config, suite: Suite, logger: Logger, options: BaseOptions): Promise<Base> {
  const { role } = options;
  const url = roleUrl(config.databaseUrl, role, config.secret);
  const most = connections[role];
  const usual = role === 'api' ? times.request : times.background;
  const pools: Pools = new Map();
  const pool = createPool(url, { max: most.work, application: `${role} work`, times: usual, pools });
  const listener = new Listener({
    url,
    application: `${role} listen`,
    onInterrupted: (error) => logger.warn({ err: error }, 'nothing is heard of other processes for a moment'),
  });
  const filesDir = join(config.dataDir, 'files');
  const storage = new Storage({
    pool,
    databaseDir: config.databaseDir,
    folders: { files: filesDir, ...(isAbsolute(config.mail) ? { mail: config.mail } : {}) },
  });
  const doubt = (): void => log.doubt();
  const rawStore = openEventStore({
    eventStoreUrl: config.eventStoreUrl,
    postgres: { url, listener, maxConnections: most.events, application: `${role} events`, times: usual, pools },
    onInterrupted: doubt,
  });
  // Where rights and sessions are one question, this is the connection that is used with each request.
  pool.on('error', doubt);
  const place = config.eventStoreUrl === null ? 'DATABASE_URL' : 'EVENTSTORE_URL';
  const log: LogGuard = new LogGuard({ pool, store: rawStore, place, logger, mayNote: role === 'projector' });
  // Before anything else is opened: the log of somebody else is neither read nor written.
  await log.start().catch(async (error: unknown) => {
    await Promise.all([rawStore.close(), listener.close(), pool.end()]);
    throw error;
  });
  const store = guardedStore(leavingRoom(rawStore, storage), log);
  const reader = await orm(url, { max: most.reads, application: `${role} reads`, times: usual, pools });
  // Of its own, so that rights are looked up while reports fill the other, and a read may look something up beside it.
  const rights = await orm(url, { max: most.rights, application: `${role} rights`, times: times.rights, pools });
  const files = openFiles({ pool, directory: filesDir });
  const mail = openMail({ to: config.mail, from: config.mailFrom });
  const later = new Later((what, error) => logger.warn({ err: error }, `${what} failed`));
  const jobs = openJobs({
    pool,
    ...(options.jobConcurrency === undefined
      ? {}
      : {
          worker: {
            url,
            listener,
            maxConnections: connections.projector.queue,
            pools,
            concurrency: options.jobConcurrency,
            onError: (error: Error) => logger.warn({ err: error }, 'the job queue is interrupted'),
            isPassing,
          },
        }),
  });

  const masters = new MasterKeys({
    secret: config.secret,
    key: config.masterKey,
    previous: config.masterKeyPrevious,
  });
  const sealer = postgresSealer({ pool, url, masters, listener });
  log.whenExchanged(() => sealer.forget());

  const databaseOf = (of: typeof reader): ReadDatabase => of.em.fork().getKysely() as unknown as ReadDatabase;
  const reads: Reads = {
    read: (tenant, knownAt, work) => models.read(databaseOf(reader), tenant, knownAt, work),
    position: () => models.position(databaseOf(reader)),
  };
  const resources: Resources = {
    secret: config.secret,
    logger,
    pool,
    read: (tenant, work) => models.read(databaseOf(rights), tenant, null, work),
    mail,
    later: (what, work) => later.add(what, work),
    repeat: (what, everyMs, work) => (role === 'api' ? later.every(what, everyMs, work) : undefined),
    now: options.now ?? Date.now,
    publicUrl: config.publicUrl,
    issuers: config.issuers,
    events: {
      stream: (stream, options) => parts.events.stream(stream, options),
      get epoch() {
        return log.epoch;
      },
    },
    eventsInDatabase: config.eventStoreUrl === null,
    lastRevisions: (streams) => store.lastRevisions(streams),
    logWentBack: () => log.wentBack(),
    vault: vaultOf(sealer, store, () => catalogue),
    jobs,
    files,
  };
  const wired = suite.wire(resources);
  const contexts = [platformContext({ pool, store }), ...wired.contexts];
  const models = new ReadModels({
    projections: contexts.flatMap((c) => c.projections),
    head: () => store.head(),
  });
  const catalogue = catalogueOf(eventsOf(contexts), sealer);
  const lag = watchLag({ head: () => rawStore.head(), position: () => reads.position() });
  const metrics = new Metrics(
    {
      lag: async () => {
        const { events, stillSeconds } = await lag();
        return { events: Number(events), stillSeconds, parked: await parkedIn(pool) };
      },
    },
    { process: options.processMetrics ?? false },
  );
  metrics.watchPools(pools);
  const parts: Parts = { events: eventReader(store, catalogue, () => log.epoch), files, jobs };
  const core: Core = {
    bindings: new Bindings(contexts),
    commands: new CommandHandler({
      store,
      catalogue,
      parts,
      secret: config.secret,
      epoch: () => log.epoch,
      onAppend: metrics.appended,
    }),
    parts,
    reads,
    cursors: new Cursors(config.secret),
    passed: () => log.passed(),
  };
  return {
    config,
    logger,
    url,
    pool,
    pools,
    listener,
    store: rawStore,
    log,
    storage,
    catalogue,
    contexts,
    authenticator: wired.authenticator,
    core,
    jobs,
    jobParts: jobPartsOf(core, store, catalogue),
    metrics,
    checks: {
      database: async () => {
        await pool.query('select 1');
        return {};
      },
      eventStore: async () => ({ head: String(await rawStore.head()) }),
      eventLog: logReady(log),
      projections: lagShown(lag),
      readModels: async () => readModelsOf(await models.missing(databaseOf(reader)), contexts),
      storage: storage.check,
    },
    close: async () => {
      log.stop();
      await later.done();
      await mail.close();
      await jobs.stop();
      await store.close();
      await sealer.close();
      await listener.close();
      await reader.close(true);
      await rights.close(true);
      await pool.end();
    },
  };
}

const eventReader = (store: EventStore, catalogue: EventCatalogue, epoch: () => number): EventReader => ({
  get epoch() {
    return epoch();
  },
  stream: async function* (stream, options = {}): AsyncIterable<RecordedEvent> {
    for await (const stored of store.readStream(stream, options)) {
      const event = await refusingUnknown(() => catalogue.fromStore(stored), options.unknown === 'skip');
      if (event) yield event;
    }
  },
});

/** A job acts through commands in the name of who started it; his rights were asked when he started it. */
const jobPartsOf = (core: Core, store: EventStore, catalogue: EventCatalogue): JobParts => ({
  ...core.parts,
  store,
  catalogue,
  execute: (operation, input, caller, key) =>
    executeTrusted(core, operation, input, {
      caller,
      commandId: commandIdOf(caller.tenant, caller.actor.id, operation.name, key),
      causationId: null,
      request: internalRequest({ ...caller, traceId: caller.correlationId }),
    }),
  executeAs: (caller, operation, input, { commandId, expectedVersion }) =>
    executeTrusted(
      core,
      operation,
      input,
      { caller, commandId, causationId: null, request: internalRequest({ ...caller, traceId: caller.correlationId }) },
      expectedVersion,
    ),
  operation: (name) => core.bindings.named(name),
});

/** Not ready while a read model that this program asks cannot be read: it is being built, and its reads are refused. */
function readModelsOf(missing: readonly string[], contexts: readonly Context[]): { live: number } {
  if (missing.length > 0) throw new NotReady({ building: missing.join(', ') });
  return { live: contexts.flatMap((context) => context.projections).length };
}

/** With the api's role only what row-level security shows without a tenant: nothing. The projector counts them all. */
async function parkedIn(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(
    `select count(*) as count from projections.parked p join projections.generation g on g.schema = p.schema
     where g.status = 'live'`,
  );
  return Number(rows[0]!.count);
}
