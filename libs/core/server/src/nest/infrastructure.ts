import { isAbsolute, join } from 'node:path';
import { MasterKeys, openEventStore, postgresSealer, vaultEntities } from '@daybook/event-store';
import { fileEntities, openFiles } from '@daybook/files';
import { jobEntities, openJobs } from '@daybook/jobs';
import { mailEntities, openMail } from '@daybook/mail';
import {
  poolSizes,
  createPool,
  entityManager,
  Listener,
  orm,
  type Pools,
  type Role,
  roleUrl,
  timeLimits,
} from '@daybook/postgres';
import type { Provider } from '@nestjs/common';
import type { Config } from '../config.js';
import { Bindings } from '../dispatch/bindings.js';
import { errorOutline } from '../health/error-outline.js';
import { withDiskReserve, Storage } from '../health/storage.js';
import { ReservationEntity } from '../hold/reservation.entity.js';
import { importEntities } from '../import/import.entity.js';
import { AfterResponseQueue } from '../after-response.js';
import { checkedStore, LogMonitor } from '../log/log-monitor.js';
import { isPassing } from '../unavailable.js';
import { ShutdownHooks } from './shutdown-hooks.js';
import type { CoreOptions } from './core-options.js';
import { provider } from './provider.js';
import {
  CONFIG,
  DATABASE_URL,
  ENTITY_MANAGER,
  EVENT_STORE,
  FILES,
  JOBS,
  LOGGER,
  MAIL,
  POOL,
  RAW_EVENT_STORE,
  ROLE,
  SEALER,
  token,
} from './tokens.js';

export const POOLS = token<Pools>('Pools');
export type Orm = Awaited<ReturnType<typeof orm>>;
export const READS_ORM = token<Orm>('ReadsOrm');
export const RIGHTS_ORM = token<Orm>('RightsOrm');

/** Entities of the plain tables in libs/core; contexts declare their own. */
export const coreEntities = [
  ...vaultEntities,
  ...jobEntities,
  ...fileEntities,
  ...mailEntities,
  ReservationEntity,
  ...importEntities,
];

const usualTimeLimits = (role: Role) => (role === 'api' ? timeLimits.request : timeLimits.background);

/** Connections, event store, read models, files, mail and jobs of one process, on which all other modules depend. */
export const infrastructure = ({ jobConcurrency, now }: CoreOptions): Provider[] => [
  { provide: POOLS, useValue: new Map() },
  provider(DATABASE_URL, { config: CONFIG, role: ROLE }, ({ config, role }) =>
    roleUrl(config.databaseUrl, role, config.secret),
  ),
  provider(
    POOL,
    { url: DATABASE_URL, role: ROLE, pools: POOLS, shutdown: ShutdownHooks },
    ({ url, role, pools, shutdown }) => {
      const max = poolSizes[role].work;
      const limits = { max, timeLimits: usualTimeLimits(role), pools };
      const pool = createPool(url, { ...limits, application: `${role} work`, pipeline: true });
      return shutdown.add(pool, (one) => one.end());
    },
  ),
  provider(ENTITY_MANAGER, { pool: POOL, bindings: Bindings }, ({ pool, bindings }) =>
    entityManager(pool, [...coreEntities, ...bindings.contexts.flatMap(({ entities }) => entities)]),
  ),
  provider(
    Listener,
    { url: DATABASE_URL, role: ROLE, logger: LOGGER, shutdown: ShutdownHooks },
    ({ url, role, logger, shutdown }) => {
      const onInterrupted = (error: unknown) => logger.warn({ err: error }, 'the listening connection is interrupted');
      return shutdown.add(new Listener({ url, application: `${role} listen`, onInterrupted }), (one) => one.close());
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
    LogMonitor,
    {
      pool: POOL,
      url: DATABASE_URL,
      role: ROLE,
      pools: POOLS,
      config: CONFIG,
      logger: LOGGER,
      listener: Listener,
      shutdown: ShutdownHooks,
    },
    async ({ pool, url, role, pools, config, logger, listener, shutdown }) => {
      const doubt = (): void => log.doubt();
      const store = openEventStore({
        eventStoreUrl: config.eventStoreUrl,
        postgres: {
          url,
          listener,
          maxConnections: poolSizes[role].events,
          application: `${role} events`,
          timeLimits: usualTimeLimits(role),
          pools,
        },
        onInterrupted: doubt,
      });
      shutdown.add(store, (one) => one.close());
      // With the log in PostgreSQL, rights and sessions are looked up over this pool with each request.
      pool.on('error', doubt);
      const place = config.eventStoreUrl === null ? 'DATABASE_URL' : 'EVENTSTORE_URL';
      const log: LogMonitor = new LogMonitor({ pool, store, place, logger, mayNote: role === 'projector' });
      shutdown.add(log, (one) => one.stop());
      // Before anything else is opened, so that a foreign log is neither read nor written.
      await log.start();
      return log;
    },
  ),
  provider(RAW_EVENT_STORE, { log: LogMonitor }, ({ log }) => log.store),
  provider(EVENT_STORE, { log: LogMonitor, storage: Storage }, ({ log, storage }) =>
    checkedStore(withDiskReserve(log.store, storage), log),
  ),
  provider(
    READS_ORM,
    { url: DATABASE_URL, role: ROLE, pools: POOLS, shutdown: ShutdownHooks },
    async ({ url, role, pools, shutdown }) => {
      const max = poolSizes[role].reads;
      const reader = await orm(url, { max, application: `${role} reads`, timeLimits: usualTimeLimits(role), pools });
      return shutdown.add(reader, (one) => one.close(true));
    },
  ),
  // A pool of its own, so that rights can be looked up while reports use up the other, and during a read.
  provider(
    RIGHTS_ORM,
    { url: DATABASE_URL, role: ROLE, pools: POOLS, shutdown: ShutdownHooks },
    async ({ url, role, pools, shutdown }) => {
      const max = poolSizes[role].rights;
      const rights = await orm(url, { max, application: `${role} rights`, timeLimits: timeLimits.rights, pools });
      return shutdown.add(rights, (one) => one.close(true));
    },
  ),
  provider(FILES, { em: ENTITY_MANAGER, config: CONFIG }, ({ em, config }) =>
    openFiles({ em, directory: filesIn(config) }),
  ),
  provider(
    JOBS,
    {
      em: ENTITY_MANAGER,
      url: DATABASE_URL,
      listener: Listener,
      pools: POOLS,
      logger: LOGGER,
      shutdown: ShutdownHooks,
    },
    ({ em, url, listener, pools, logger, shutdown }) =>
      shutdown.add(
        openJobs({
          em,
          ...(now ? { now: () => new Date(now()) } : {}),
          ...(jobConcurrency === undefined
            ? {}
            : {
                worker: {
                  url,
                  listener,
                  maxConnections: poolSizes.projector.queue,
                  pools,
                  concurrency: jobConcurrency,
                  onError: (error: Error) => logger.warn({ err: error }, 'the job queue is interrupted'),
                  onFailed: ({ code: problem, ...failed }, error) =>
                    logger.warn({ ...failed, problem, ...errorOutline(error) }, 'an attempt of a job failed'),
                  isPassing,
                },
              }),
        }),
        (one) => one.stop(),
      ),
  ),
  provider(MAIL, { config: CONFIG, shutdown: ShutdownHooks }, ({ config, shutdown }) =>
    shutdown.add(openMail({ to: config.mail, from: config.mailFrom }), (one) => one.close()),
  ),
  // Opened after what its work uses, and therefore closed before.
  provider(
    AfterResponseQueue,
    {
      logger: LOGGER,
      shutdown: ShutdownHooks,
      mail: MAIL,
      jobs: JOBS,
      store: EVENT_STORE,
      reads: READS_ORM,
      rights: RIGHTS_ORM,
      sealer: SEALER,
    },
    ({ logger, shutdown }) =>
      shutdown.add(new AfterResponseQueue((what, error) => logger.warn({ err: error }, `${what} failed`)), (one) =>
        one.done(),
      ),
  ),
  provider(
    SEALER,
    {
      em: ENTITY_MANAGER,
      url: DATABASE_URL,
      listener: Listener,
      config: CONFIG,
      role: ROLE,
      log: LogMonitor,
      shutdown: ShutdownHooks,
    },
    ({ em, url, listener, config, role, log, shutdown }) => {
      const { secret, masterKey: key, masterKeyPrevious: previous } = config;
      const masters = new MasterKeys({ secret, key, previous });
      const sealer = shutdown.add(
        postgresSealer({ em, url, masters, listener, seesAllTenants: role === 'projector' }),
        (one) => one.close(),
      );
      log.whenReplaced(() => sealer.forget());
      return sealer;
    },
  ),
];

const filesIn = ({ dataDir }: Config): string => join(dataDir, 'files');
