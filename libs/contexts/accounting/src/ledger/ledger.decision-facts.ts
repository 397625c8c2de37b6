import { type RecordRef, reject, type Rejection, streamName } from '@daybook/kernel';
import type { Caller, EventReader } from '@daybook/server';
import { account } from '../account/account.record.js';
import { importChecked, importRefused, importStarted } from '../import/import.events.js';
import { journal } from '../journal/journal.record.js';
import { appliedEntry, type ImportPosted, type StagedEntry, stagedIndexOf } from './applied-entry.js';
import type { AppliedEntry, ImportForPosting, LedgerDecisionFacts, LedgerState } from './ledger.state.js';

/* The decision facts of the ledger: read from streams at revisions that the state has, never from a read model. */

export const ledgerStream = (tenant: string, companyId: string): string =>
  streamName('accounting.ledger', tenant, companyId);
export const importStream = (tenant: string, importId: string): string =>
  streamName('accounting.import', tenant, importId);
/** The entries that an import has staged; a stream of their own, so that commands on the import need not read them. */
export const stagedStream = (tenant: string, importId: string): string =>
  streamName('accounting.staged', tenant, importId);

export async function readImportForPosting(
  events: EventReader,
  tenant: string,
  importId: string,
): Promise<ImportForPosting> {
  const stream = importStream(tenant, importId);
  let started: ImportForPosting['started'] = null;
  for await (const event of events.stream(stream, { limit: 1 })) {
    if (event.type === importStarted.name) started = event.data as ImportForPosting['started'];
  }
  // The last event of an import is its outcome.
  for await (const event of events.stream(stream, { backwards: true, limit: 1 })) {
    if (event.type === importChecked.name) {
      return { started, checked: event.data as ImportForPosting['checked'], refused: false };
    }
    if (event.type === importRefused.name) return { started, checked: null, refused: true };
  }
  return { started, checked: null, refused: false };
}

/** The entry with this id, with its number; null when it is not in the ledger. */
export async function readOriginalEntry(
  events: EventReader,
  tenant: string,
  companyId: string,
  entryId: string,
  state: LedgerState,
): Promise<AppliedEntry | null> {
  const ledger = ledgerStream(tenant, companyId);
  const revision = state.posted.get(entryId);
  if (revision !== undefined) {
    for await (const event of events.stream(ledger, { from: revision, limit: 1 })) return event.data as AppliedEntry;
    return null;
  }
  for (const [importId, known] of state.imports) {
    if (known.status !== 'posted') continue;
    const index = stagedIndexOf(importId, known.count, entryId);
    if (index === null) continue;
    const staged = await stagedAt(events, known.stream, index, entryId);
    for await (const event of events.stream(ledger, { from: known.revision, limit: 1 })) {
      return appliedEntry(staged, event.data as ImportPosted);
    }
  }
  return null;
}

/** The revisions of the ledger stream at which an entry, an account, a journal or the company was changed. */
export function ledgerRevisionsOf(state: LedgerState, { type, id }: RecordRef): readonly number[] {
  const key = id.slice(id.indexOf('/') + 1);
  switch (type) {
    case 'accounting.entry':
      return [...firstRevision(state, id), ...(state.exceptions.get(id)?.revisions ?? [])];
    case account.name:
      return state.accounts.get(key)?.revisions ?? state.removedAccounts.get(key) ?? [];
    case journal.name:
      return state.journals.get(key)?.revisions ?? [];
    case 'accounting.company':
      return state.company?.revisions ?? [];
    default:
      // Of an import only its outcome is here.
      return [];
  }
}

/** The revision at which the entry was posted, alone or with its import. */
function firstRevision(state: LedgerState, entryId: string): number[] {
  const revision = state.posted.get(entryId);
  if (revision !== undefined) return [revision];
  for (const [importId, known] of state.imports) {
    if (known.status === 'posted' && stagedIndexOf(importId, known.count, entryId) !== null) return [known.revision];
  }
  return [];
}

/** Staged entries are in the order of their index. */
async function stagedAt(events: EventReader, stream: string, index: number, entryId: string): Promise<StagedEntry> {
  for await (const event of events.stream(stream, { from: index, limit: 1 })) {
    const staged = event.data as StagedEntry;
    if (staged.entryId === entryId) return staged;
  }
  throw new Error(`${stream} does not contain entry ${entryId} at index ${index}`);
}

/** Reads the decision facts that a command needs. */
export async function ledgerDecisionFacts(
  command: { readonly name: string; readonly input: object },
  state: LedgerState,
  caller: Caller,
  context: { readonly events: EventReader },
): Promise<LedgerDecisionFacts | Rejection> {
  const input = command.input as { companyId?: string; entryId?: string; importId?: string };
  if (input.entryId !== undefined && input.companyId !== undefined) {
    const entry = await readOriginalEntry(context.events, caller.tenant, input.companyId, input.entryId, state);
    return { kind: 'entry', entry };
  }
  if (input.importId !== undefined) {
    const found = await readImportForPosting(context.events, caller.tenant, input.importId);
    return found.started === null ? importNotFound(input.importId) : { kind: 'import', import: found };
  }
  return { kind: 'none' };
}

export const importNotFound = (importId: string): Rejection =>
  reject('accounting.import-not-found', 'There is no such import.', { status: 404, details: { importId } });
