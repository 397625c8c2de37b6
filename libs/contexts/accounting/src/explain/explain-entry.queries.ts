import { isRejection, type Operation, type OutputOf, reject } from '@daybook/kernel';
import { listEvents } from '@daybook/audit';
import { listPeople } from '@daybook/identity';
import { inOneTrip } from '@daybook/projections';
import { answer, type QueryContext } from '@daybook/server';
import type * as z from 'zod';
import { companyIn, companyQuery } from '../company/company.queries.js';
import { entries, entryLines } from '../entry/entry.projection.js';
import { fileOf } from '../entry/entry.queries.js';
import { ledgerCommands } from '../ledger/ledger.decider.js';
import { explainEntry } from './explain.operations.js';

type Explanation = z.infer<(typeof explainEntry)['output']>;
const operations = new Map<string, Operation>(ledgerCommands.map((operation) => [operation.name, operation]));

/** Lines of the file that are shown around the requested one. */
const excerptBefore = 1;
const excerptAfter = 6;

export const explainEntryAnswers = [
  answer(explainEntry, async ({ companyId, entryId, line, ...page }, read) => {
    const entryAndCompany = inOneTrip(
      read.db,
      companyQuery(read, companyId),
      read.db
        .selectFrom(read.rows(entries).as('e'))
        .select(['e.number', 'e.position', 'e.recordedIn', 'e.source', 'e.importId'])
        .where('e.companyId', '=', companyId)
        .where('e.id', '=', entryId),
    );
    // Behind it: who gets a 404 does not wait for it.
    const asked = read.ask(listEvents, { recordType: 'accounting.entry', recordId: entryId, order: 'oldest', ...page });
    asked.catch(() => undefined);
    const [ofCompany, [entry]] = await entryAndCompany;
    const company = companyIn(ofCompany, companyId);
    if (isRejection(company)) return company;
    if (!entry) {
      return reject('accounting.entry-not-found', 'There is no such entry.', { status: 404, details: { entryId } });
    }
    const { importId, source } = entry;
    const [recorded, staged, file] = await Promise.all([
      asked,
      importId !== null && page.cursor === undefined ? stagedIn(read, entry.recordedIn) : [],
      source && importId !== null ? sourceOf(read, { entryId, importId, ...source }, line) : null,
    ]);
    if (isRejection(recorded)) return recorded;
    return {
      entryId,
      number: entry.number,
      events: [...staged, ...recorded.items.map(stepOf)],
      next: recorded.next,
      source: file,
      seal: { state: 'not-sealed' as const, position: entry.position },
    };
  }),
];

type Step = Explanation['events'][number];
const permissionOf = (operation: string): string | null => operations.get(operation)?.permission ?? null;

const stepOf = (event: OutputOf<typeof listEvents>['items'][number]): Step => ({
  eventId: event.eventId,
  type: `${event.type}.v${event.version}`,
  trail: event.trail,
  position: event.position,
  recordedAt: event.recordedAt,
  operation: event.operation,
  says: event.says,
  permission: permissionOf(event.operation),
  channel: event.channel,
  reason: event.reason,
  actor: event.actor,
  commandId: event.commandId,
});

/** The staged event of an imported entry. It has no trail number: it counts only through the event that applies it. */
async function stagedIn(
  read: QueryContext,
  { stream, revision }: { stream: string; revision: number },
): Promise<Step[]> {
  const people = await read.ask(listPeople, {});
  const nameOf = (id: string) =>
    isRejection(people) ? null : (people.items.find((one) => one.id === id)?.name ?? null);
  const steps: Step[] = [];
  for await (const { id, type, version, position, recordedAt, meta } of read.events.stream(stream, {
    from: revision,
    limit: 1,
  })) {
    steps.push({
      eventId: id,
      type: `${type}.v${version}`,
      trail: null,
      position: String(position),
      recordedAt,
      operation: meta.operation,
      says: 'read it from the file',
      permission: permissionOf(meta.operation),
      channel: meta.channel,
      reason: meta.reason,
      actor: { ...meta.actor, name: nameOf(meta.actor.id) },
      commandId: meta.commandId,
    });
  }
  return steps;
}

/** The file of an imported entry, with an excerpt at the requested line or at the start of the transaction. */
async function sourceOf(
  read: QueryContext,
  { entryId, importId, from, to }: { entryId: string; importId: string; from: number; to: number },
  line: number | undefined,
): Promise<Explanation['source']> {
  const file = await fileOf(read, importId);
  if (!file) return null;
  const wanted = line === undefined ? null : await lineOf(read, entryId, line);
  const at = wanted ?? from;
  const excerpt = await read.files.lines(
    read.tenant,
    file.sha256,
    Math.max(from, at - excerptBefore),
    Math.min(to, at + excerptAfter),
  );
  return { ...file, importId, line: at, excerpt };
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
