import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FileInfo, Files, Upload } from '@daybook/files';
import type { Jobs } from '@daybook/jobs';
import { isId, reject } from '@daybook/kernel';
import type { PresentRead } from '@daybook/projections';
import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createEndpoints } from '../api.js';
import { CommandExecutor } from '../command/command-executor.js';
import { readConfig } from '../config.js';
import { type Context, context, type EventReader } from '../context.js';
import { Authenticator, People } from '../dispatch/access.js';
import { Bindings, Dependencies } from '../dispatch/bindings.js';
import { ConcurrencyLimits } from '../dispatch/concurrency.js';
import { RateLimits } from '../dispatch/limits.js';
import { OperationRunner } from '../dispatch/operation-runner.js';
import { AnsweredExports, listExported, recordExportBinding } from '../export/export-record.js';
import { ReadableFiles } from '../files/readable-files.js';
import { createLogger } from '../health/logger.js';
import { Metrics } from '../health/metrics.js';
import type { Check } from '../health/readiness.js';
import { LiveHub } from '../live/hub.js';
import { LogMonitor } from '../log/log-monitor.js';
import { moduleOf } from '../nest/context.module.js';
import { JobCommands } from '../nest/job-commands.js';
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
  READS,
  SECRET,
} from '../nest/tokens.js';
import { Cursors } from '../query/query-context.js';
import type { Reads } from '../query/reads.js';
import { ReadableRecords } from '../record/readable-records.js';
import type { ConnectionBounds } from '../rest/connections.js';
import { StateCache } from '../state/state-cache.js';
import { accessOfPerson } from './access.js';
import { MemoryStore, plainCatalogue } from './memory-store.js';
import { notes } from './notes.js';

export const secret = 'a secret of more than thirty-two characters';

/** Tokens that spell out their permissions: `<tenant>.<person>.<permission>+<permission>.<seconds to live>`. */
export const tokenOf = (tenant: string, person: string, permissions: readonly string[], seconds = 600): string =>
  [tenant, person, permissions.map((p) => p.replaceAll('.', '_')).join('+'), seconds].join('.');

const sayingAuthenticator: Authenticator = {
  authenticate: async (bearer) => {
    const [tenant = '', person = '', permissions = '', seconds = ''] = bearer.split('.');
    if (!isId(tenant)) return reject('platform.unauthenticated', 'This token is not valid.', { status: 401 });
    return accessOfPerson(
      tenant,
      person,
      permissions.split('+').map((p) => p.replaceAll('_', '.')),
      {
        expiresAt: new Date(Date.now() + Number(seconds) * 1000).toISOString(),
      },
    );
  },
};

class MemoryFiles implements Files {
  private readonly files = new Map<string, { info: FileInfo; content: Buffer }>();
  private readonly uploads = new Map<string, Upload>();
  async store(tenant: string, name: string, content: Readable, uploader: string): Promise<FileInfo> {
    const bytes = Buffer.concat(await content.toArray());
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const info = { sha256, size: bytes.length, name, storedAt: new Date().toISOString() };
    this.files.set(`${tenant} ${sha256}`, { info, content: bytes });
    this.uploads.set(`${tenant} ${sha256} ${uploader}`, { name, storedAt: info.storedAt, cited: null });
    return info;
  }
  async upload(tenant: string, sha256: string, uploader: string): Promise<Upload | null> {
    return this.uploads.get(`${tenant} ${sha256} ${uploader}`) ?? null;
  }
  async forget(): Promise<number> {
    return 0;
  }
  async cite(): Promise<void> {
    throw new Error('No record of these specs cites a file');
  }
  async info(tenant: string, sha256: string): Promise<FileInfo | null> {
    return this.files.get(`${tenant} ${sha256}`)?.info ?? null;
  }
  keep(tenant: string, sha256: string): Promise<FileInfo | null> {
    return this.info(tenant, sha256);
  }
  async open(tenant: string, sha256: string): Promise<Readable | null> {
    const file = this.files.get(`${tenant} ${sha256}`);
    return file ? Readable.from(file.content) : null;
  }
  async lines(): Promise<{ number: number; text: string }[]> {
    return [];
  }
}

export interface KitApp {
  readonly app: NestFastifyApplication;
  readonly store: MemoryStore;
  readonly hub: LiveHub;
  readonly log: string[];
  /** Position of the read models; the head unless a spec holds it back. */
  behind: bigint | null;
  /** Stores a file of this person; answers its SHA-256. */
  upload(tenant: string, person: string, content: string): Promise<string>;
  close(): Promise<void>;
}

/** Lists that are answered as CSV are recorded. */
const exportsOfKit = context({
  name: 'platform',
  title: 'System',
  events: [listExported],
  bindings: [],
  internal: [recordExportBinding],
});

@Module({})
class DoublesModule {}

/** The HTTP app over test doubles, for specs of this library. The whole product starts with `libs/testing/src/app.ts`. */
export async function startKit(
  options: {
    contexts?: readonly Context[];
    store?: MemoryStore;
    console?: string;
    environment?: string;
    env?: Readonly<Record<string, string>>;
    checks?: Readonly<Record<string, Check>>;
    jobs?: Jobs;
    bounds?: ConnectionBounds;
    /** Providers for the contexts besides the doubles of the core. */
    providers?: readonly Provider[];
  } = {},
): Promise<KitApp> {
  const given = options.contexts ?? [notes];
  const contexts = given.some(({ name }) => name === exportsOfKit.name) ? given : [...given, exportsOfKit];
  const store = options.store ?? new MemoryStore();
  const catalogue = plainCatalogue(contexts.flatMap((c) => c.events));
  const config = readConfig({
    NODE_ENV: options.environment ?? 'test',
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
    DAYBOOK_SECRET: secret,
    DAYBOOK_PORT: '0',
    DAYBOOK_LOG_LEVEL: 'info',
    ...options.env,
    ...(options.console === undefined ? {} : { DAYBOOK_CONSOLE: options.console }),
  });
  const log: string[] = [];
  const logger = createLogger('info', 'api', { write: (line) => void log.push(line) });
  const metrics = new Metrics({ lag: async () => ({ events: 0, stillSeconds: 0, parked: 0 }) }, { process: false });
  const position = async () => kit.behind ?? (await store.head());
  const reads: Reads = {
    position,
    read: async (tenant, knownAt, work) => {
      const at = String(await position());
      const stamp = { trail: at, position: at, recordedAt: null };
      const present = { newest: at, position: BigInt(at), schemas: [] };
      return work({ tenant, position: BigInt(at), past: knownAt !== null, stamp, present } as unknown as PresentRead);
    },
  };
  const events: EventReader = {
    stream: async function* (stream, { from = 0 } = {}) {
      for await (const stored of store.readStream(stream, { from })) {
        yield await catalogue.fromStore(stored);
      }
    },
  };
  const files = new MemoryFiles();
  const jobs = options.jobs ?? ({} as Jobs);
  const hub = new LiveHub();
  const bindings = new Bindings(contexts);
  const dependencies = new Dependencies();
  const context = { events, files, jobs };
  const doubles: readonly Provider[] = [
    { provide: CONFIG, useValue: config },
    { provide: LOGGER, useValue: logger },
    { provide: Metrics, useValue: metrics },
    { provide: READS, useValue: reads },
    { provide: EVENT_READER, useValue: events },
    { provide: EVENT_STORE, useValue: store },
    { provide: EVENT_CATALOGUE, useValue: catalogue },
    { provide: FILES, useValue: files },
    { provide: JOBS, useValue: jobs },
    { provide: RateLimits, useValue: new RateLimits() },
    { provide: ConcurrencyLimits, useValue: new ConcurrencyLimits() },
    { provide: CHECKS, useValue: options.checks ?? {} },
    { provide: Authenticator, useValue: sayingAuthenticator },
    { provide: People, useValue: { rightsOf: async () => null } },
    { provide: LogMonitor, useValue: { passed: () => null, whenReplaced: () => undefined } },
    { provide: Bindings, useValue: bindings },
    { provide: Dependencies, useValue: dependencies },
    { provide: Cursors, useValue: new Cursors(secret) },
    {
      provide: CommandExecutor,
      useValue: new CommandExecutor({
        store,
        catalogue,
        context,
        dependencies,
        operations: bindings,
        secret,
        onAppend: metrics.appended,
      }),
    },
    { provide: SECRET, useValue: secret },
    // No spec of the kit imports rows, or asks for states of other streams.
    { provide: ENTITY_MANAGER, useValue: {} },
    { provide: StateCache, useValue: {} },
    { provide: LiveHub, useValue: hub },
    OperationRunner,
    ReadableFiles,
    ReadableRecords,
    JobCommands,
    AnsweredExports,
    ...(options.providers ?? []),
  ];
  const core: DynamicModule = {
    module: DoublesModule,
    global: true,
    imports: [CqrsModule.forRoot()],
    providers: [...doubles],
    exports: [CqrsModule, ...doubles.map((one) => (typeof one === 'function' ? one : one.provide))],
  };
  const kit: KitApp = {
    app: null as unknown as NestFastifyApplication,
    store,
    hub,
    log,
    behind: null,
    upload: async (tenant, person, content) =>
      (await files.store(tenant, 'file', Readable.from([Buffer.from(content)]), person)).sha256,
    close: () => kit.app.close(),
  };
  const { bounds } = options;
  const modules = [core, ...contexts.map(moduleOf)];
  return Object.assign(kit, {
    app: await createEndpoints(modules, bindings, { config, logger, ...(bounds && { bounds }) }),
  });
}
