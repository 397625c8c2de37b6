import { personalWalk, withoutPersonal } from '@daybook/kernel';
import type { ClientBase } from 'pg';
import type { Decoded } from './decode.js';
import { emptyColumns, type PersonalColumns, eraseSubject } from './erase.js';
import type { Projection } from './projection.js';
import { dropGeneration, generations, matches } from './registry.js';

/*
 * The subjects that were erased up to the position of the read models. From there on none of their personal data is written to a
 * row, wherever the event is in the log and whether or not their key is destroyed yet: an event may be recorded between the
 * erasure and the destruction of the key, a parked tenant may be retried later, an import may apply events that were staged long
 * before. So the rows are the same as those of a rebuild after the key is destroyed.
 */
export interface ErasedSubject {
  readonly tenant: string;
  readonly subject: string;
}

/** The subject that an event erases; for an unreadable event, by its stored effect. */
export const erasedBy = (item: Decoded): string | null =>
  item.event ? (item.declaration.erases?.(item.event.data) ?? null) : (item.effect.erases ?? null);

/** Records the subjects that these events erase, for all generations, and returns them. */
export async function noteErased(client: ClientBase, events: readonly Decoded[]): Promise<readonly ErasedSubject[]> {
  const erased = events.flatMap((item): ErasedSubject[] => {
    const subject = erasedBy(item);
    return subject === null ? [] : [{ tenant: item.stored.meta.tenant, subject }];
  });
  if (erased.length > 0) {
    await client.query(
      `insert into projections.erased (tenant, subject)
       select * from unnest($1::uuid[], $2::text[]) on conflict do nothing`,
      [erased.map(({ tenant }) => tenant), erased.map(({ subject }) => subject)],
    );
  }
  return erased;
}

/** The events, with the personal data of erased subjects replaced by null. */
export async function withoutErased(client: ClientBase, events: readonly Decoded[]): Promise<readonly Decoded[]> {
  const named = events.map(subjectsOf);
  const asked = events.flatMap(({ stored }, at) =>
    named[at]!.map((subject) => ({ tenant: stored.meta.tenant, subject })),
  );
  if (asked.length === 0) return events;
  const { rows } = await client.query<ErasedSubject>(
    `select tenant, subject from projections.erased
     where (tenant, subject) in (select * from unnest($1::uuid[], $2::text[]))`,
    [asked.map(({ tenant }) => tenant), asked.map(({ subject }) => subject)],
  );
  if (rows.length === 0) return events;
  const erased = new Set(rows.map(({ tenant, subject }) => `${tenant} ${subject}`));
  return events.map((item, at) => {
    const gone = new Set(named[at]!.filter((subject) => erased.has(`${item.stored.meta.tenant} ${subject}`)));
    if (item.event === null || gone.size === 0) return item;
    const data = withoutPersonal(item.declaration.data, item.event.data, gone);
    return { ...item, event: { ...item.event, data } };
  });
}

/** The subjects whose personal data an event contains, as far as it can be read. */
function subjectsOf(item: Decoded): string[] {
  if (item.event === null) return [];
  const subjects = new Set<string>();
  personalWalk(item.declaration.data)?.(item.event.data, (place) => {
    const subject = place.sibling(place.marks.personal!.subject);
    if (place.value !== null && place.value !== undefined && typeof subject === 'string') subjects.add(subject);
    place.below();
  });
  return [...subjects];
}

/** A generation's personal columns, for programs that do not have its code. */
interface PersonalTable {
  readonly name: string;
  readonly history: string;
  readonly personal: { readonly columns: readonly PersonalColumns[]; readonly within: boolean };
}

/**
 * Empties the subjects also in generations outside the live group: those that are being built, that differed, or that are
 * retired. One that cannot be emptied without its code is dropped, unless it is being built and will reach the event itself.
 * Holds the group's lock, so no building step runs at the same time.
 */
export async function eraseOtherGenerations(
  client: ClientBase,
  projections: readonly Projection[],
  erased: readonly ErasedSubject[],
): Promise<void> {
  if (erased.length === 0) return;
  for (const generation of await generations(client, ['building', 'differs', 'retired'])) {
    const { rows } = await client.query<{ tables: readonly PersonalTable[] }>(
      'select tables from projections.generation where schema = $1 for update',
      [generation.schema],
    );
    const code = projections.find((one) => matches(generation, one));
    const tables = rows[0]?.tables ?? [];
    const canEmpty = tables.every(({ personal }) => !personal.within);
    for (const { tenant, subject } of erased) {
      if (code) await eraseSubject(client, generation.schema, code, tenant, subject);
      else if (canEmpty) {
        for (const { name, history, personal } of tables)
          await emptyColumns(client, generation.schema, { name, history, columns: personal.columns }, tenant, subject);
      }
    }
    if (!code && !canEmpty && generation.status !== 'building') await dropGeneration(client, generation.schema);
  }
}
