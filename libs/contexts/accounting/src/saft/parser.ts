import { NodeBuilder, XmlNode } from './node.js';
import type { JournalRecord, SaftRecord, SaftVersion, TotalsRecord } from './records.js';
import { fault } from './finding.js';
import { accountOf, headerOf, partyOf, taxCodesOf, transactionOf } from './to-record.js';
import { readRoot, saftNamespace, versionOf } from './version.js';
import { type Element, type Walk, XmlReader } from './xml.js';

/*
 * Parses SAF-T Financial into a stream of records in the order of the file. Only the current record is in memory. If the
 * file cannot be read, the stream ends with a SaftFault that has the finding and its line.
 */
export interface ParseProgress {
  /** Bytes and lines read so far. */
  bytes: number;
  lines: number;
}

/** The Header comes first, so a file without one in its first bytes is not searched to its end. */
export const headerWithin = 1_000_000;
const headerMissing = () =>
  fault('saft.header-missing', 1, 'The file does not start with a Header, so it does not state whose books it has.');

export async function* parseSaft(
  content: AsyncIterable<Uint8Array>,
  progress: ParseProgress = { bytes: 0, lines: 0 },
): AsyncGenerator<SaftRecord> {
  const walk = new SaftWalk();
  const reader = new XmlReader(walk);
  for await (const chunk of content) {
    const bad = attempt(() => reader.write(chunk));
    progress.bytes += chunk.length;
    progress.lines = reader.lines;
    yield* walk.take();
    if (bad) throw bad.error;
    if (!walk.sawHeader && progress.bytes > 2 * headerWithin) throw headerMissing();
  }
  const bad = attempt(() => reader.write(new Uint8Array(0), true));
  yield* walk.take();
  if (bad) throw bad.error;
  if (!walk.sawHeader) throw headerMissing();
}

/** Catches a fault, so that records before it are yielded first, wherever chunks are cut. */
function attempt(work: () => void): { error: unknown } | null {
  try {
    work();
    return null;
  } catch (error) {
    return { error };
  }
}

/** Elements that are records or parts of one, by their path. */
const records: Readonly<Record<string, string>> = {
  'AuditFile/Header': 'header',
  'AuditFile/MasterFiles/GeneralLedgerAccounts/Account': 'account',
  'AuditFile/MasterFiles/Customers/Customer': 'customer',
  'AuditFile/MasterFiles/Suppliers/Supplier': 'supplier',
  'AuditFile/MasterFiles/TaxTable/TaxTableEntry': 'tax',
  'AuditFile/GeneralLedgerEntries/NumberOfEntries': 'totals',
  'AuditFile/GeneralLedgerEntries/TotalDebit': 'totals',
  'AuditFile/GeneralLedgerEntries/TotalCredit': 'totals',
  'AuditFile/GeneralLedgerEntries/Journal/JournalID': 'journal',
  'AuditFile/GeneralLedgerEntries/Journal/Description': 'journal',
  'AuditFile/GeneralLedgerEntries/Journal/Transaction': 'transaction',
};
/** Elements on the way to records. All others are skipped with their content. */
const containers = new Set(
  Object.keys(records).flatMap((path) => {
    const parts = path.split('/');
    return parts.slice(1).map((_, n) => parts.slice(0, n + 1).join('/'));
  }),
);

class SaftWalk implements Walk {
  sawHeader = false;
  private found: SaftRecord[] = [];
  private readonly path: string[] = [];
  private building: { kind: string; builder: NodeBuilder } | null = null;
  private skipping = 0;
  private schema: SaftVersion | null = null;
  private totals: XmlNode | null = null;
  private journal: { node: XmlNode; record: JournalRecord | null } | null = null;

  *take(): Generator<SaftRecord> {
    const found = this.found;
    this.found = [];
    yield* found;
  }

  open(element: Element): void {
    if (this.path.length === 0) this.schema = readRoot(element);
    if (this.skipping > 0 || element.uri !== saftNamespace) {
      this.skipping += 1;
      return;
    }
    if (this.building) {
      this.building.builder.open(element.name, element.line);
      return;
    }
    const path = [...this.path, element.name].join('/');
    const kind = records[path];
    if (kind !== undefined) {
      this.building = { kind, builder: new NodeBuilder(new XmlNode(element.name, element.line)) };
    } else if (containers.has(path)) {
      this.path.push(element.name);
      if (path === 'AuditFile/GeneralLedgerEntries') this.totals = new XmlNode(element.name, element.line);
      if (path.endsWith('/Journal')) {
        this.emitTotals();
        this.journal = { node: new XmlNode(element.name, element.line), record: null };
      }
    } else {
      this.skipping = 1;
    }
  }

  text(text: string): void {
    if (this.skipping === 0) this.building?.builder.text(text);
  }

  close(line: number): void {
    if (this.skipping > 0) {
      this.skipping -= 1;
    } else if (this.building) {
      if (!this.building.builder.close(line)) return;
      const { kind, builder } = this.building;
      this.building = null;
      this.finish(kind, builder.root);
    } else {
      const name = this.path.pop();
      if (name === 'Journal') this.emitJournal();
      if (name === 'GeneralLedgerEntries') this.emitTotals();
    }
  }

  private finish(kind: string, node: XmlNode): void {
    switch (kind) {
      case 'header': {
        const stated = node.field('AuditFileVersion');
        this.sawHeader = true;
        this.found.push(headerOf(node, versionOf(stated?.text ?? null, stated?.line ?? node.line, this.schema)));
        return;
      }
      case 'account':
        this.found.push(accountOf(node));
        return;
      case 'customer':
      case 'supplier':
        this.found.push(partyOf(node, kind));
        return;
      case 'tax':
        for (const code of taxCodesOf(node)) this.found.push(code);
        return;
      case 'totals':
        this.totals?.children.push(node);
        return;
      case 'journal':
        this.journal?.node.children.push(node);
        return;
      default:
        this.found.push(transactionOf(node, this.emitJournal().id));
    }
  }

  /** Emits a journal before its first transaction, or at its end if it has none. */
  private emitJournal(): JournalRecord {
    const journal = this.journal;
    if (!journal) throw new Error('A transaction outside a journal was not skipped');
    if (journal.record) return journal.record;
    const id = journal.node.text('JournalID');
    if (id === null) throw fault('saft.id-missing', journal.node.line, 'This Journal has no JournalID.');
    journal.record = { kind: 'journal', line: journal.node.line, id, name: journal.node.text('Description') ?? id };
    this.found.push(journal.record);
    return journal.record;
  }

  private emitTotals(): void {
    const node = this.totals;
    if (!node) return;
    this.totals = null;
    const record: TotalsRecord = {
      kind: 'totals',
      line: node.line,
      entries: node.field('NumberOfEntries'),
      debit: node.field('TotalDebit'),
      credit: node.field('TotalCredit'),
    };
    this.found.push(record);
  }
}
