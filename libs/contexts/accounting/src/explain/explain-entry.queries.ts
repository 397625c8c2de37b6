import { isRejection, type Operation, type RecordedEvent, reject, auditSentence } from '@daybook/kernel';
import { readEvent } from '@daybook/audit';
import { listPeople } from '@daybook/identity';
import { answer, type QueryContext } from '@daybook/server';
import type * as z from 'zod';
import { companyOf } from '../company/company.queries.js';
import { entries, entryLines } from '../entry/entry.projection.js';
import { importOf } from '../entry/entry.queries.js';
import { entryStaged } from '../import/import.events.js';
import { ledgerCommands } from '../ledger/ledger.decider.js';
import { explainEntry } from './explain.operations.js';

type Explanation = z.infer<(typeof explainEntry)['output']>;
const operations = new Map<string, Operation>(ledgerCommands.map((operation) => [operation.name, operation]));

/** Lines of the file that are shown around the requested one. */
const excerptBefore = 1;
const excerptAfter = 6;

export const explainEntryAnswers = [
  answer(explainEntry, async ({ companyId, entryId, line }, read) => {
    const company = await companyOf(read, companyId);
    if (isRejection(company)) return company;
    const entry = await read.db
      .selectFrom(read.rows(entries).as('e'))
      .select(['e.number', 'e.position', 'e.events', 'e.source', 'e.importId'])
      .where('e.companyId', '=', companyId)
      .where('e.id', '=', entryId)
      .executeTakeFirst();
    if (!entry) {
      return reject('accounting.entry-not-found', 'There is no such entry.', { status: 404, details: { entryId } });
    }
    const events = await eventsOf(read, entry.events);
    return {
      entryId,
      number: entry.number,
      events,
      source: entry.source && entry.importId ? await sourceOf(read, { ...entry, entryId }, line) : null,
      seal: { state: 'not-sealed' as const, position: entry.position },
    };
  }),
];

async function eventsOf(
  read: QueryContext,
  locators: readonly { stream: string; revision: number }[],
): Promise<Explanation['events']> {
  const people = await read.ask(listPeople, {});
  const names = new Map(isRejection(people) ? [] : people.items.map(({ id, name }) => [id, name]));
  const found: RecordedEvent[] = [];
  for (const { stream, revision } of locators) {
    for await (const event of read.events.stream(stream, { from: revision, limit: 1 })) found.push(event);
  }
  const steps: Explanation['events'] = [];
  for (const event of found) {
    // A staged event has no trail number: it counts only through the event that applies it.
    const staged = event.type === entryStaged.name;
    const recorded = staged ? null : await read.ask(readEvent, { eventId: event.id });
    const operation = operations.get(event.meta.operation);
    const says = operation?.kind === 'command' ? auditSentence(operation.says, event.data) : '';
    steps.push({
      eventId: event.id,
      type: `${event.type}.v${event.version}`,
      trail: recorded === null || isRejection(recorded) ? null : recorded.trail,
      position: String(event.position),
      recordedAt: event.recordedAt,
      operation: event.meta.operation,
      says: staged ? 'read it from the file' : says,
      permission: operation?.permission ?? null,
      channel: event.meta.channel,
      reason: event.meta.reason,
      actor: { ...event.meta.actor, name: names.get(event.meta.actor.id) ?? null },
      commandId: event.meta.commandId,
    });
  }
  return steps;
}

/** The file of an imported entry, with an excerpt at the requested line or at the start of the transaction. */
async function sourceOf(
  read: QueryContext,
  entry: {
    entryId: string;
    importId: string | null;
    source: { from: number; to: number } | null;
    events: readonly { stream: string; revision: number }[];
  },
  line: number | undefined,
): Promise<Explanation['source']> {
  const posted = await importOf(read, entry.events);
  if (!posted || !entry.source) return null;
  const { from, to } = entry.source;
  const wanted = line === undefined ? null : await lineOf(read, entry.entryId, line);
  const at = wanted ?? from;
  const excerpt = await read.files.lines(
    read.tenant,
    posted.file.sha256,
    Math.max(from, at - excerptBefore),
    Math.min(to, at + excerptAfter),
  );
  return { file: posted.file.name, sha256: posted.file.sha256, importId: posted.importId, line: at, excerpt };
}

async function lineOf(read: QueryContext, entryId: string, line: number): Promise<number | null> {
  const found = await read.db
    .selectFrom(read.rows(entryLines).as('l'))
    .select('l.source')
    .where('l.entryId', '=', entryId)
    .where('l.line', '=', line)
    .executeTakeFirst();
  return found?.source ?? null;
}
