import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { AppendOutcome, EventToAppend } from '@daybook/event-store';
import { catalogueOf, maxAppendBytes } from '@daybook/event-store';
import { memorySealer } from '@daybook/event-store/testing/memory-sealer';
import type { JobGivenUpRun } from '@daybook/jobs';
import { commandIdOf, type EventMeta, nameId, type NewEvent, type RecordedEvent } from '@daybook/kernel';
import type { EventReader, JobContext, OperationContext } from '@daybook/server';
import { CommandExecutor, newIdOf } from '@daybook/server/command/command-executor';
import { MemoryStore } from '@daybook/server/testing/memory-store';
import { importStream, ledgerStream, stagedStream } from '../../ledger/ledger.decision-facts.js';
import { importPosted, ledgerEvents } from '../../ledger/ledger.events.js';
import type { ImportStart } from '../import.check.js';
import { entryStaged, importChecked, importEvents, importStarted } from '../import.events.js';
import { importJob, importJobBinding } from '../import.job.js';
import { importInternalBinding } from '../import.start.js';

export const tenant = '0190a1b2-0000-7000-8000-00000000a001';
const companyId = '0190a1b2-0000-7000-8000-0000000000c1';
const catalogue = catalogueOf([...ledgerEvents, ...importEvents, entryStaged], memorySealer());
const meta = (record: EventMeta['record']): EventMeta => ({
  tenant,
  actor: { kind: 'person', id: 'ingrid' },
  operation: 'testing',
  commandId: 'testing',
  index: 0,
  count: 1,
  correlationId: 'testing',
  causationId: null,
  channel: 'rest',
  address: null,
  reason: null,
  inputHmac: '',
  record,
});

/** A store whose process dies at a given append: before the write, or after it but before the answer. */
class MortalStore extends MemoryStore {
  dies: { at: number; when: 'before' | 'after' } | null = null;
  /** Limit on the bytes of one append, as every store has it. */
  limit = maxAppendBytes;
  private appended = 0;

  override async append(stream: string, expected: number | 'none' | 'any', events: readonly EventToAppend[]) {
    const dies = this.dies?.at === this.appended++ ? this.dies.when : null;
    if (dies === 'before') throw new Error('killed');
    const bytes = Buffer.byteLength(JSON.stringify(events));
    if (bytes > this.limit) return { kind: 'too-large', bytes, limit: this.limit } as const;
    const outcome: AppendOutcome = await super.append(stream, expected, events);
    if (dies === 'after') throw new Error('killed');
    return outcome;
  }
  counting(dies: MortalStore['dies']): void {
    this.dies = dies;
    this.appended = 0;
  }
}

/** The job alone, over an event store in memory: files to import, what is staged, and what is posted of it. */
export class Desk {
  readonly store = new MortalStore();
  private readonly files = new Map<string, string>();
  readonly events: EventReader = {
    stream: async function* (this: Desk, stream: string, options: Parameters<EventReader['stream']>[1] = {}) {
      const all: RecordedEvent[] = [];
      for await (const stored of this.store.readStream(stream, { from: options.from ?? 0 })) {
        const event = await catalogue.fromStore(stored);
        if (event) all.push(event);
      }
      yield* (options.backwards ? all.reverse() : all).slice(0, options.limit ?? all.length);
    }.bind(this),
  };

  async given(stream: string, event: NewEvent, record: { type: string; id: string }): Promise<void> {
    const id = nameId(tenant, stream, String(this.store.all.length));
    await this.store.append(stream, 'any', [await catalogue.toStore(id, event, meta({ ...record, version: 1 }))]);
  }

  async begin(importId: string, xml: string): Promise<void> {
    const sha256 = createHash('sha256').update(xml).digest('hex');
    this.files.set(sha256, xml);
    const ledgerRevision = this.store.all.filter((e) => e.stream === ledgerStream(tenant, companyId)).length - 1;
    const file = { name: 'file.xml', sha256, size: Buffer.byteLength(xml) };
    const start: ImportStart = { importId, companyId, askedCompanyId: null, ledgerRevision, file };
    await this.given(importStream(tenant, importId), importStarted.of(start), {
      type: 'accounting.import',
      id: importId,
    });
  }

  run(importId: string, signal = new AbortController().signal): Promise<unknown> {
    return importJobBinding.handler(
      this.context,
      {},
    )({
      ...runOf(importId),
      signal,
      progress: async () => undefined,
      reached: { done: 0, total: null },
      giveWay: async () => undefined,
    });
  }

  giveUp(importId: string, code: string, message: string): Promise<void> {
    return importJobBinding.givenUp!(this.context, {})(runOf(importId), { code, message });
  }

  private get context(): JobContext {
    const files = {
      open: async (_: string, sha256: string) => {
        const xml = this.files.get(sha256);
        return xml === undefined ? null : Readable.from([Buffer.from(xml)]);
      },
    };
    const executor = new CommandExecutor({
      store: this.store,
      catalogue,
      context: { events: this.events } as unknown as OperationContext,
      secret: 'a secret of more than thirty-two characters',
    });
    const execute: JobContext['execute'] = (operation, input, caller, key, causationId) => {
      const commandId = commandIdOf(caller.tenant, caller.actor.id, operation.name, key);
      const ids = { commandId, newId: newIdOf(commandId), causationId: causationId ?? null, expectedVersion: null };
      return executor.execute(importInternalBinding, {
        operation,
        input: input as Record<string, unknown>,
        caller,
        ...ids,
      });
    };
    return { events: this.events, store: this.store, catalogue, files, execute } as unknown as JobContext;
  }

  /** The events of an import, with what it staged after its start, without the duration. */
  async stands(importId: string): Promise<{ type: string; id: string; data: Record<string, unknown> }[]> {
    const read = async (stream: string) => {
      const found = [];
      for await (const { type, id, data } of this.events.stream(stream)) {
        found.push({ type, id, data: { ...(data as object), seconds: 0 } });
      }
      return found;
    };
    const [started, ...ended] = await read(importStream(tenant, importId));
    return [...(started ? [started] : []), ...(await read(stagedStream(tenant, importId))), ...ended];
  }
  async report(importId: string) {
    const last = (await this.stands(importId)).at(-1);
    if (last?.type !== importChecked.name) throw new Error(`It ends with ${last?.type}: ${JSON.stringify(last?.data)}`);
    return importChecked.data.parse(last.data);
  }

  /** Posts a checked import by the ledger's decider. */
  async post(importId: string): Promise<void> {
    const report = await this.report(importId);
    const posted = importPosted.of({
      companyId,
      importId,
      stream: report.stream,
      count: report.staged.count,
      hash: report.staged.hash,
      file: { name: 'file.xml', sha256: '' },
      company: report.company,
      accounts: report.accounts.map((a) => ({ ...a, class: a.class ?? 'asset', version: 1 })),
      journals: report.journals,
      numbers: report.blocks.filter((b) => b.count > 0).map((b) => ({ ...b, first: 1 })),
      openingDifference: null,
      accountsUsed: report.accountsUsed,
      totals: { entries: report.staged.count, lines: 0, debit: '0', credit: '0' },
    });
    await this.given(ledgerStream(tenant, companyId), posted, { type: 'accounting.import', id: importId });
  }
}

const runOf = (importId: string): JobGivenUpRun<{ importId: string }> => ({
  id: importId,
  tenant,
  actor: { kind: 'person', id: 'ingrid' },
  correlationId: 'testing',
  attempt: importJob.attempts,
  input: { importId },
});

export const id = (n: number) => nameId(tenant, 'import', String(n));
