import { isAbsolute, join } from 'node:path';
import {
  catalogueOf,
  type EventCatalogue,
  type EventStore,
  MasterKeys,
  openEventStore,
  postgresSealer,
} from '@daybook/event-store';
import { openFiles } from '@daybook/files';
import { openJobs } from '@daybook/jobs';
import type { RecordedEvent } from '@daybook/kernel';
import { openMail } from '@daybook/mail';
import { connections, createPool, Listener, orm, type Pools, type Role, roleUrl, times } from '@daybook/postgres';
import { type ReadDatabase, ReadModels } from '@daybook/projections';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { CommandHandler } from '../command/command-handler.js';
import { refusingUnknown } from '../command/unknown-event.js';
import type { Config } from '../config.js';
import type { Context, EventReader } from '../context.js';
import { Bindings } from '../dispatch/bindings.js';
import { Dependencies } from '../dispatch/dependencies.js';
import { RateLimits } from '../dispatch/limits.js';
import { OperationRunner } from '../dispatch/operation-runner.js';
import { ReadableFiles } from '../files/readable-files.js';
import { lagShown, watchLag } from '../health/lag.js';
import { Metrics } from '../health/metrics.js';
import { type Check, NotReady } from '../health/readiness.js';
import { leavingRoom, Storage } from '../health/storage.js';
import { Later } from '../later.js';
import { guardedStore, LogGuard, logReady } from '../log/log-guard.js';
import { vaultOf } from '../personal-data.js';
import { Cursors } from '../query/cursor.js';
import type { Reads } from '../query/reads.js';
import { isPassing } from '../unavailable.js';
import { Closing } from './closing.js';
import { JobCommands } from './job-commands.js';
import { PersonalDataOfAll } from './personal-data-of-all.js';
import { provider } from './provider.js';
import { Repeating } from './repeating.js';
import {
  CHECKS,
  CLOCK,
  CONFIG,
  DATABASE_URL,
  EVENT_CATALOGUE,
  EVENT_READER,
  EVENT_STORE,
  FILES,
  type RightsReads,
  JOBS,
  LOGGER,
  MAIL,
  POOL,
  RAW_EVENT_STORE,
  READS,
  RIGHTS_READS,
  PUBLIC_URL,
  ISSUERS,
  SECRET,
  ROLE,
  SEALER,
  token,
  VAULT,
} from './tokens.js';

/** How one process runs the product. */
export interface CoreOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly role: Role;
  /** Jobs worked on at once in this process; none when absent. */
  readonly jobConcurrency?: number;
  /** Metrics of the process itself (memory, event loop); once per process. */
  readonly processMetrics?: boolean;
  /** The time in milliseconds; of the machine when absent. */
  readonly now?: () => number;
  readonly limits?: RateLimits;
}

export const POOLS = token<Pools>('Pools');
type Orm = Awaited<ReturnType<typeof orm>>;
const READS_ORM = token<Orm>('ReadsOrm');
const RIGHTS_ORM = token<Orm>('RightsOrm');
const LAG = token<ReturnType<typeof watchLag>>('Lag');

const databaseOf = (of: Orm): ReadDatabase => of.em.fork().getKysely() as unknown as ReadDatabase;
const usualTimes = (role: Role) => (role === 'api' ? times.request : times.background);

/** Connections, the event store, read models, files, mail and jobs of one process: what every other module stands on. */
const infrastructure = ({ jobConcurrency }: CoreOptions): Provider[] => [
  { provide: POOLS, useValue: new Map() },
  provider(DATABASE_URL, { config: CONFIG, role: ROLE }, ({ config, role }) =>
    roleUrl(config.databaseUrl, role, config.secret),
  ),
  provider(POOL, { url: DATABASE_URL, role: ROLE, pools: POOLS, closing: Closing }, ({ url, role, pools, closing }) => {
    const max = connections[role].work;
    const pool = createPool(url, { max, application: `${role} work`, times: usualTimes(role), pools });
    return closing.add(pool, (one) => one.end());
  }),
  provider(
    Listener,
    { url: DATABASE_URL, role: ROLE, logger: LOGGER, closing: Closing },
    ({ url, role, logger, closing }) => {
      const onInterrupted = (error: unknown) =>
        logger.warn({ err: error }, 'nothing is heard of other processes for a moment');
      return closing.add(new Listener({ url, application: `${role} listen`, onInterrupted }), (one) => one.close());
    },
  ),
  provider(
    Storage,
    { pool: POOL, config: CONFIG },
    ({ pool, config }) =>
      new Storage({
        pool,
        databaseDir: config.databaseDir,
        folders: { files: filesIn(config), ...(isAbsolute(config.mail) ? { mail: config.mail } : {}) },
      }),
  ),
  provider(
    LogGuard,
    {
      pool: POOL,
      url: DATABASE_URL,
      role: ROLE,
      pools: POOLS,
      config: CONFIG,
      logger: LOGGER,
      listener: Listener,
      closing: Closing,
    },
    async ({ pool, url, role, pools, config, logger, listener, closing }) => {
      const doubt = (): void => log.doubt();
      const store = openEventStore({
        eventStoreUrl: config.eventStoreUrl,
        postgres: {
          url,
          listener,
          maxConnections: connections[role].events,
          application: `${role} events`,
          times: usualTimes(role),
          pools,
        },
        onInterrupted: doubt,
      });
      closing.add(store, (one) => one.close());
      // Where rights and sessions are one question, this is the connection that is used with each request.
      pool.on('error', doubt);
      const place = config.eventStoreUrl === null ? 'DATABASE_URL' : 'EVENTSTORE_URL';
      const log: LogGuard = new LogGuard({ pool, store, place, logger, mayNote: role === 'projector' });
      closing.add(log, (one) => one.stop());
      // Before anything else is opened: the log of somebody else is neither read nor written.
      await log.start();
      return log;
    },
  ),
  provider(RAW_EVENT_STORE, { log: LogGuard }, ({ log }) => log.store),
  provider(EVENT_STORE, { log: LogGuard, storage: Storage }, ({ log, storage }) =>
    guardedStore(leavingRoom(log.store, storage), log),
  ),
  provider(
    READS_ORM,
    { url: DATABASE_URL, role: ROLE, pools: POOLS, closing: Closing },
    async ({ url, role, pools, closing }) => {
      const max = connections[role].reads;
      const reader = await orm(url, { max, application: `${role} reads`, times: usualTimes(role), pools });
      return closing.add(reader, (one) => one.close(true));
    },
  ),
  // Of its own, so that rights are looked up while reports fill the other, and a read may look something up beside it.
  provider(
    RIGHTS_ORM,
    { url: DATABASE_URL, role: ROLE, pools: POOLS, closing: Closing },
    async ({ url, role, pools, closing }) => {
      const max = connections[role].rights;
      const rights = await orm(url, { max, application: `${role} rights`, times: times.rights, pools });
      return closing.add(rights, (one) => one.close(true));
    },
  ),
  provider(FILES, { pool: POOL, config: CONFIG }, ({ pool, config }) =>
    openFiles({ pool, directory: filesIn(config) }),
  ),
  provider(
    JOBS,
    { pool: POOL, url: DATABASE_URL, listener: Listener, pools: POOLS, logger: LOGGER, closing: Closing },
    ({ pool, url, listener, pools, logger, closing }) =>
      closing.add(
        openJobs({
          pool,
          ...(jobConcurrency === undefined
            ? {}
            : {
                worker: {
                  url,
                  listener,
                  maxConnections: connections.projector.queue,
                  pools,
                  concurrency: jobConcurrency,
                  onError: (error: Error) => logger.warn({ err: error }, 'the job queue is interrupted'),
                  isPassing,
                },
              }),
        }),
        (one) => one.stop(),
      ),
  ),
  provider(MAIL, { config: CONFIG, closing: Closing }, ({ config, closing }) =>
    closing.add(openMail({ to: config.mail, from: config.mailFrom }), (one) => one.close()),
  ),
  // Opened after what its work uses, and so done before that is closed.
  provider(
    Later,
    {
      logger: LOGGER,
      closing: Closing,
      mail: MAIL,
      jobs: JOBS,
      store: EVENT_STORE,
      reads: READS_ORM,
      rights: RIGHTS_ORM,
      sealer: SEALER,
    },
    ({ logger, closing }) =>
      closing.add(new Later((what, error) => logger.warn({ err: error }, `${what} failed`)), (one) => one.done()),
  ),
  provider(
    SEALER,
    { pool: POOL, url: DATABASE_URL, listener: Listener, config: CONFIG, log: LogGuard, closing: Closing },
    ({ pool, url, listener, config, log, closing }) => {
      const { secret, masterKey: key, masterKeyPrevious: previous } = config;
      const masters = new MasterKeys({ secret, key, previous });
      const sealer = closing.add(postgresSealer({ pool, url, masters, listener }), (one) => one.close());
      log.whenExchanged(() => sealer.forget());
      return sealer;
    },
  ),
];

const filesIn = ({ dataDir }: Config): string => join(dataDir, 'files');

/** Events, read models and operations: what the core makes of the contexts. */
const machinery = ({ processMetrics }: CoreOptions): Provider[] => [
  Dependencies,
  OperationRunner,
  ReadableFiles,
  JobCommands,
  PersonalDataOfAll,
  Repeating,
  provider(EVENT_CATALOGUE, { bindings: Bindings, sealer: SEALER }, ({ bindings, sealer }) =>
    catalogueOf([...bindings.events], sealer),
  ),
  provider(VAULT, { sealer: SEALER, store: EVENT_STORE, catalogue: EVENT_CATALOGUE }, ({ sealer, store, catalogue }) =>
    vaultOf(sealer, store, catalogue),
  ),
  provider(
    EVENT_READER,
    { store: EVENT_STORE, catalogue: EVENT_CATALOGUE, log: LogGuard },
    ({ store, catalogue, log }) => eventReader(store, catalogue, () => log.epoch),
  ),
  provider(
    ReadModels,
    { bindings: Bindings, store: EVENT_STORE },
    ({ bindings, store }) =>
      new ReadModels({
        projections: bindings.contexts.flatMap((context) => context.projections),
        head: () => store.head(),
      }),
  ),
  provider(READS, { models: ReadModels, reader: READS_ORM }, ({ models, reader }): Reads => ({
    read: (tenant, knownAt, work) => models.read(databaseOf(reader), tenant, knownAt, work),
    position: () => models.position(databaseOf(reader)),
  })),
  provider(
    RIGHTS_READS,
    { models: ReadModels, rights: RIGHTS_ORM },
    ({ models, rights }): RightsReads =>
      (tenant, work) =>
        models.read(databaseOf(rights), tenant, null, work),
  ),
  provider(
    CommandHandler,
    {
      store: EVENT_STORE,
      catalogue: EVENT_CATALOGUE,
      events: EVENT_READER,
      files: FILES,
      jobs: JOBS,
      dependencies: Dependencies,
      config: CONFIG,
      log: LogGuard,
      metrics: Metrics,
    },
    ({ store, catalogue, events, files, jobs, dependencies, config, log, metrics }) =>
      new CommandHandler({
        store,
        catalogue,
        parts: { events, files, jobs },
        dependencies,
        secret: config.secret,
        epoch: () => log.epoch,
        onAppend: metrics.appended,
      }),
  ),
  provider(Cursors, { config: CONFIG }, ({ config }) => new Cursors(config.secret)),
  provider(LAG, { store: RAW_EVENT_STORE, reads: READS }, ({ store, reads }) =>
    watchLag({ head: () => store.head(), position: () => reads.position() }),
  ),
  provider(Metrics, { lag: LAG, pool: POOL, pools: POOLS }, ({ lag, pool, pools }) => {
    const metrics = new Metrics(
      {
        lag: async () => {
          const { events, stillSeconds } = await lag();
          return { events: Number(events), stillSeconds, parked: await parkedIn(pool) };
        },
      },
      { process: processMetrics ?? false },
    );
    metrics.watchPools(pools);
    return metrics;
  }),
  provider(
    CHECKS,
    {
      pool: POOL,
      store: RAW_EVENT_STORE,
      log: LogGuard,
      lag: LAG,
      models: ReadModels,
      reader: READS_ORM,
      bindings: Bindings,
      storage: Storage,
    },
    ({ pool, store, log, lag, models, reader, bindings, storage }): Readonly<Record<string, Check>> => ({
      database: async () => {
        await pool.query('select 1');
        return {};
      },
      eventStore: async () => ({ head: String(await store.head()) }),
      eventLog: logReady(log),
      projections: lagShown(lag),
      readModels: async () => readModelsOf(await models.missing(databaseOf(reader)), bindings.contexts),
      storage: storage.check,
    }),
  ),
];

/** The machinery that all modules share. Contexts inject it by class or token; none of it knows a context. */
@Module({})
export class CoreModule {
  static forRoot(options: CoreOptions, bindings: Bindings, closing: Closing): DynamicModule {
    const { config, logger, role, now = Date.now, limits = new RateLimits() } = options;
    const providers: Provider[] = [
      { provide: CONFIG, useValue: config },
      { provide: LOGGER, useValue: logger },
      { provide: SECRET, useValue: config.secret },
      { provide: PUBLIC_URL, useValue: config.publicUrl },
      { provide: ISSUERS, useValue: config.issuers },
      { provide: ROLE, useValue: role },
      { provide: CLOCK, useValue: now },
      { provide: RateLimits, useValue: limits },
      { provide: Bindings, useValue: bindings },
      { provide: Closing, useValue: closing },
      ...infrastructure(options),
      ...machinery(options),
    ];
    const exported = providers.map((one) => (typeof one === 'function' ? one : one.provide));
    return {
      module: CoreModule,
      global: true,
      imports: [CqrsModule.forRoot()],
      providers,
      exports: [...exported, CqrsModule],
    };
  }
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
