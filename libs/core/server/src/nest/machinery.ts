import {
  catalogueOf,
  type EventCatalogue,
  type EventStore,
  PostgresSnapshots,
  type Sealer,
} from '@daybook/event-store';
import type { RecordedEvent } from '@daybook/kernel';
import { Outbox } from '@daybook/mail';
import { type ReadDatabase, ReadModels } from '@daybook/projections';
import type { Provider } from '@nestjs/common';
import type { Pool } from 'pg';
import { CommandExecutor } from '../command/command-executor.js';
import { factReader } from '../command/fact-reader.js';
import { deriveKey, seal, unseal } from '../crypto.js';
import { rejectUnknownEvents } from '../command/unknown-event.js';
import type { Context, EventReader } from '../context.js';
import { Bindings, Dependencies } from '../dispatch/bindings.js';
import { People } from '../dispatch/access.js';
import { ConcurrencyLimits } from '../dispatch/concurrency.js';
import { OperationRunner } from '../dispatch/operation-runner.js';
import { AnsweredExports } from '../export/export-record.js';
import type { FactReader } from '../facts.js';
import { ReadableFiles } from '../files/readable-files.js';
import { lagShown, watchLag } from '../health/lag.js';
import { Metrics } from '../health/metrics.js';
import { type Check, NotReady } from '../health/readiness.js';
import { Storage } from '../health/storage.js';
import { PersonalReservations } from '../hold/personal-reservations.js';
import { reservationRows } from '../hold/reservation-rows.js';
import { AfterResponseQueue } from '../after-response.js';
import { LogMonitor, logReady } from '../log/log-monitor.js';
import { vaultOf } from '../personal-data.js';
import { Cursors, queryContextOf } from '../query/query-context.js';
import type { Reads } from '../query/reads.js';
import { ReadableRecords } from '../record/readable-records.js';
import { RevisionSource, StateCache } from '../state/state-cache.js';
import type { CoreOptions } from './core-options.js';
import { type Orm, POOLS, READS_ORM, RIGHTS_ORM } from './infrastructure.js';
import { JobCommands } from './job-commands.js';
import { PersonalDataSources } from './personal-data-sources.js';
import { provider } from './provider.js';
import { PeriodicTasks } from './periodic-tasks.js';
import { ProcessHandlers } from './process-handlers.js';
import {
  CHECKS,
  CONFIG,
  ENTITY_MANAGER,
  EVENT_CATALOGUE,
  EVENT_READER,
  EVENT_STORE,
  FILES,
  JOBS,
  LOGGER,
  MAIL,
  POOL,
  RAW_EVENT_STORE,
  READS,
  RIGHTS_READS,
  type RightsReads,
  ROLE,
  SEALER,
  SECRET,
  token,
  VAULT,
} from './tokens.js';

/** What decision facts are read from. */
const FACTS = token<FactReader>('Facts');
const LAG = token<ReturnType<typeof watchLag>>('Lag');

const databaseOf = (of: Orm): ReadDatabase => of.em.fork().getKysely<Record<never, never>>();

/** Providers for events, read models and operations, built from the contexts. */
export const machinery = ({ processMetrics }: CoreOptions): Provider[] => [
  Dependencies,
  { provide: ConcurrencyLimits, useValue: new ConcurrencyLimits() },
  OperationRunner,
  ReadableFiles,
  ReadableRecords,
  JobCommands,
  AnsweredExports,
  PersonalDataSources,
  PeriodicTasks,
  ProcessHandlers,
  provider(EVENT_CATALOGUE, { bindings: Bindings, sealer: SEALER }, ({ bindings, sealer }) =>
    catalogueOf([...bindings.events], sealer),
  ),
  provider(VAULT, { sealer: SEALER, store: EVENT_STORE, catalogue: EVENT_CATALOGUE }, ({ sealer, store, catalogue }) =>
    vaultOf(sealer, store, catalogue),
  ),
  provider(
    EVENT_READER,
    { store: EVENT_STORE, catalogue: EVENT_CATALOGUE, log: LogMonitor },
    ({ store, catalogue, log }) => eventReader(store, catalogue, () => log.epoch),
  ),
  {
    provide: StateCache,
    inject: [EVENT_READER, EVENT_STORE, LogMonitor, SEALER, { token: RevisionSource, optional: true }],
    useFactory: (events: EventReader, store: EventStore, log: LogMonitor, sealer: Sealer, source?: RevisionSource) => {
      const states = new StateCache({
        events,
        lastRevisions: source?.lastRevisions ?? ((streams) => store.lastRevisions(streams)),
        logWentBack: () => log.wentBack(),
      });
      sealer.onErasure(() => states.forget());
      return states;
    },
  },
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
    read: (tenant, knownAt, work, signal) => models.read(databaseOf(reader), tenant, knownAt, work, signal),
    position: () => models.position(databaseOf(reader)),
  })),
  provider(
    RIGHTS_READS,
    { models: ReadModels, rights: RIGHTS_ORM },
    ({ models, rights }): RightsReads =>
      (tenant, work, at: string | null = null) =>
        models.read(databaseOf(rights), tenant, at, work),
  ),
  provider(
    FACTS,
    {
      events: EVENT_READER,
      files: FILES,
      jobs: JOBS,
      states: StateCache,
      reads: READS,
      bindings: Bindings,
      cursors: Cursors,
      dependencies: Dependencies,
    },
    ({ events, files, jobs, states, reads, ...scope }) =>
      factReader({
        events,
        states,
        read: (caller, work) =>
          reads.read(caller.tenant, null, (read) => {
            const of = { caller, operation: 'facts', knownAt: null };
            return work(queryContextOf(read, { ...scope, ...of, context: { events, files, jobs } }));
          }),
      }),
  ),
  provider(
    CommandExecutor,
    {
      people: People,
      store: EVENT_STORE,
      catalogue: EVENT_CATALOGUE,
      events: EVENT_READER,
      files: FILES,
      jobs: JOBS,
      bindings: Bindings,
      dependencies: Dependencies,
      config: CONFIG,
      log: LogMonitor,
      metrics: Metrics,
      pool: POOL,
      em: ENTITY_MANAGER,
      vault: VAULT,
      sealer: SEALER,
      logger: LOGGER,
      facts: FACTS,
    },
    ({ store, catalogue, events, files, jobs, dependencies, config, log, metrics, pool, sealer, logger, ...given }) => {
      const commands = new CommandExecutor({
        store,
        catalogue,
        context: { events, files, jobs },
        facts: given.facts,
        customFields: given.bindings.customFields,
        people: given.people,
        operations: given.bindings,
        dependencies,
        personal: new PersonalReservations(reservationRows(given.em), given.vault),
        onUnsettled: (error) => logger.warn({ err: error }, 'a hold is still to be settled'),
        secret: config.secret,
        epoch: () => log.epoch,
        onAppend: metrics.appended,
        snapshots: new PostgresSnapshots(pool, sealer),
        onSnapshotFailed: (error) => logger.warn({ err: error }, 'a snapshot of a stream could not be taken'),
      });
      sealer.onErasure(() => commands.forget());
      return commands;
    },
  ),
  provider(
    Outbox,
    {
      em: ENTITY_MANAGER,
      mail: MAIL,
      secret: SECRET,
      logger: LOGGER,
      afterResponse: AfterResponseQueue,
      periodicTasks: PeriodicTasks,
      bindings: Bindings,
      dependencies: Dependencies,
      role: ROLE,
    },
    ({ secret, bindings, dependencies, role, afterResponse, ...given }) => {
      const key = deriveKey(secret, 'mail');
      return new Outbox({
        ...given,
        // What a process puts is sent by the next API process that looks.
        afterResponse: role === 'api' ? afterResponse : { add: () => undefined, stopping: afterResponse.stopping },
        sealing: { seal: (clear) => seal(key, clear), unseal: (sealed) => unseal(key, sealed) },
        template: (name) => {
          const template = bindings.contexts
            .flatMap(({ mailTemplates }) => mailTemplates)
            .find((one) => one.name === name);
          return (
            template && {
              hours: template.hours,
              compose: (value) => template.compose(value, dependencies.of(template)),
              givenUp: async (value) => template.givenUp?.(value, dependencies.of(template)),
            }
          );
        },
      });
    },
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
      log: LogMonitor,
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

const eventReader = (store: EventStore, catalogue: EventCatalogue, epoch: () => number): EventReader => ({
  get epoch() {
    return epoch();
  },
  stream: async function* (stream, options = {}): AsyncIterable<RecordedEvent> {
    for await (const stored of store.readStream(stream, options)) {
      const event = await rejectUnknownEvents(() => catalogue.fromStore(stored), options.unknown === 'skip');
      if (event) yield event;
    }
  },
});

/** Not ready while a read model that this program needs is being built, since its reads are refused. */
function readModelsOf(missing: readonly string[], contexts: readonly Context[]): { live: number } {
  if (missing.length > 0) throw new NotReady({ building: missing.join(', ') });
  return { live: contexts.flatMap((context) => context.projections).length };
}

/** The API's role sees no rows here without a tenant (row-level security); the projector counts all. */
async function parkedIn(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(
    `select (select count(*) from projections.parked p join projections.generation g on g.schema = p.schema
       where g.status = 'live') + (select count(*) from projections.process_parked) as count`,
  );
  return Number(rows[0]!.count);
}
