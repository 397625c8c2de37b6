import { reject, type Rejection, streamName } from '@daybook/kernel';
import type { Caller, EventReader } from '@daybook/server';
import { importChecked, importRefused, importStarted } from '../import/import.events.js';
import { appliedEntry, type ImportPosted, type StagedEntry, stagedIndexOf } from './applied-entry.js';
import type { AppliedEntry, EarlierAct, ImportForPosting, LedgerDecisionFacts, LedgerState } from './ledger.state.js';

/* What commands of the ledger must read before they can decide: by locators from the state, never from a read model. */

export const ledgerStream = (tenant: string, companyId: string): string =>
  streamName('accounting.ledger', tenant, companyId);
export const importStream = (tenant: string, importId: string): string =>
  streamName('accounting.import', tenant, importId);

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
  // Its outcome is the last event of an import.
  for await (const event of events.stream(stream, { backwards: true, limit: 1 })) {
    if (event.type === importChecked.name) {
      return { started, checked: event.data as ImportForPosting['checked'], refused: false };
    }
    if (event.type === importRefused.name) return { started, checked: null, refused: true };
  }
  return { started, checked: null, refused: false };
}

/** The entry with this id as it counts in the books; null when the ledger has none. */
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

/**
 * What the caller did with the entry before, of what he may not follow up: read from the events that tell of it. Rules
 * that conflict are few, so this reads for those whom one concerns.
 */
export async function readEarlierActs(
  events: EventReader,
  companyId: string,
  entryId: string,
  state: LedgerState,
  caller: Caller,
): Promise<EarlierAct[]> {
  const incompatibleWith = caller.incompatibleWith ?? [];
  if (incompatibleWith.length === 0) return [];
  const himself = [...idsOf(caller), ...(caller.peers ?? [])];
  const acts: EarlierAct[] = [];
  for (const revision of [...firstRevision(state, entryId), ...(state.exceptions.get(entryId)?.revisions ?? [])]) {
    for await (const { meta, recordedAt } of events.stream(ledgerStream(caller.tenant, companyId), {
      from: revision,
      limit: 1,
    })) {
      if (!incompatibleWith.includes(meta.operation) || !idsOf(meta).some((id) => himself.includes(id))) continue;
      acts.push({ permission: meta.operation, at: recordedAt });
    }
  }
  return acts;
}

/** A delegate who acts for a person is both of them here: neither does with the other's name what he may not. */
const idsOf = ({ actor, onBehalfOf }: Pick<Caller, 'actor' | 'onBehalfOf'>): string[] => [
  actor.id,
  ...(onBehalfOf ? [onBehalfOf.id] : []),
];

/** Where the ledger made the entry count: by itself, or with its import. */
function firstRevision(state: LedgerState, entryId: string): number[] {
  const revision = state.posted.get(entryId);
  if (revision !== undefined) return [revision];
  for (const [importId, known] of state.imports) {
    if (known.status === 'posted' && stagedIndexOf(importId, known.count, entryId) !== null) return [known.revision];
  }
  return [];
}

/** Staged entries follow the import's start in the order of their index. */
async function stagedAt(events: EventReader, stream: string, index: number, entryId: string): Promise<StagedEntry> {
  for await (const event of events.stream(stream, { from: index + 1, limit: 1 })) {
    const staged = event.data as StagedEntry;
    if (staged.entryId === entryId) return staged;
  }
  throw new Error(`${stream} does not hold entry ${entryId} at index ${index}`);
}

/** Binds the reading to the commands that need it. */
export async function ledgerDecisionFacts(
  command: { readonly name: string; readonly input: object },
  state: LedgerState,
  caller: Caller,
  context: { readonly events: EventReader },
): Promise<LedgerDecisionFacts | Rejection> {
  const input = command.input as { companyId?: string; entryId?: string; importId?: string };
  if (input.entryId !== undefined && input.companyId !== undefined) {
    const entry = await readOriginalEntry(context.events, caller.tenant, input.companyId, input.entryId, state);
    const earlier = await readEarlierActs(context.events, input.companyId, input.entryId, state, caller);
    return { kind: 'entry', entry, earlier };
  }
  if (input.importId !== undefined) {
    const found = await readImportForPosting(context.events, caller.tenant, input.importId);
    return found.started === null ? importNotFound(input.importId) : { kind: 'import', import: found };
  }
  return { kind: 'none' };
}

export const importNotFound = (importId: string): Rejection =>
  reject('accounting.import-not-found', 'There is no such import.', { status: 404, details: { importId } });
