import { type Marks, personalWalk, type Place, subjectOf } from '@daybook/kernel';
import type * as z from 'zod';
import type { Sealer } from './sealer.js';

/*
 * Personal values in an event's data, sealed before it is stored and unsealed when it is read. A sealed value is
 * `{ sealed: text }`. A value within another personal value is sealed first and unsealed last, so that erasing each subject
 * removes what belongs to that subject.
 */
interface Spot {
  readonly place: Place;
  readonly subjects: readonly string[];
}

export async function sealPersonal(schema: z.ZodType, data: unknown, tenant: string, sealer: Sealer): Promise<unknown> {
  const { value, spots } = spotsOf(schema, data);
  for (const { place, subjects } of spots.reverse()) {
    for (const subject of subjects) {
      place.put({ sealed: await sealer.seal(tenant, subject, JSON.stringify(place.value)) });
    }
  }
  return value;
}

/** Replaces values of subjects whose key is destroyed by null. */
export async function openPersonal(schema: z.ZodType, data: unknown, tenant: string, sealer: Sealer): Promise<unknown> {
  const opened = new Set<string>();
  for (let value = data; ;) {
    const found = spotsOf(schema, value, ({ value: at }) => isSealed(at));
    // Once each: text that a user wrote may look like a sealed value.
    const due = found.spots.filter(({ place }) => !opened.has(place.pointer));
    if (due.length === 0) return value;
    value = found.value;
    const outer = due.filter(
      ({ place }) => !due.some((other) => other.place !== place && isWithin(place.pointer, other.place.pointer)),
    );
    for (const { place, subjects } of outer) {
      opened.add(place.pointer);
      for (const subject of [...subjects].reverse()) {
        if (isSealed(place.value)) place.put(await opening(place.value.sealed, subject, tenant, sealer));
      }
    }
  }
}

async function opening(text: string, subject: string, tenant: string, sealer: Sealer): Promise<unknown> {
  const clear = await sealer.open(tenant, subject, text);
  return clear === null ? null : (JSON.parse(clear) as unknown);
}

/** All subjects whose personal data an unsealed value contains. */
export const subjectsIn = (schema: z.ZodType, data: unknown): readonly string[] => [
  ...new Set(spotsOf(schema, data).spots.flatMap(({ subjects }) => subjects)),
];

/** The subjects of the sealed data in a stored value; data nested within sealed data is not visible. */
export const sealedSubjectsIn = (schema: z.ZodType, data: unknown): readonly string[] => [
  ...new Set(spotsOf(schema, data, ({ value }) => isSealed(value)).spots.flatMap(({ subjects }) => subjects)),
];

/** Does a stored value contain sealed data of this subject, whether or not it can still be unsealed? */
export const containsSealed = (schema: z.ZodType, data: unknown, subject: string): boolean =>
  sealedSubjectsIn(schema, data).includes(subject);

/** Marked values, outer ones first, each once; with all subjects that alternatives of a union name. */
function spotsOf(
  schema: z.ZodType,
  data: unknown,
  counts: (place: Place) => boolean = () => true,
): { value: unknown; spots: Spot[] } {
  const found = new Map<string, Place[]>();
  const walk = personalWalk(schema);
  if (walk === null) return { value: data, spots: [] };
  const value = walk(data, (place) => {
    const counted = place.value !== null && place.value !== undefined && counts(place);
    if (counted) found.set(place.pointer, [...(found.get(place.pointer) ?? []), place]);
    place.below();
  });
  const spots = [...found.values()].map((places) => ({ place: places[0]!, subjects: subjectsOf(places) }));
  return { value, spots: spots.sort((a, b) => depthOf(a.place) - depthOf(b.place)) };
}

/** An alternative without a subject does not apply, unless it is the only one. */
function subjectsOf(places: readonly Place[]): readonly string[] {
  const named = places.filter((place) => typeof place.sibling(subjectFieldOf(place.marks)) === 'string');
  return [...new Set((named.length > 0 ? named : places).map((place) => subjectOf(place)))];
}

const subjectFieldOf = ({ personal }: Marks): string => personal?.subject ?? '';
const depthOf = ({ pointer }: Place): number => pointer.split('/').length;
const isWithin = (pointer: string, outer: string): boolean => pointer.startsWith(`${outer}/`);

export const isSealed = (value: unknown): value is { sealed: string } =>
  typeof value === 'object' && value !== null && typeof (value as { sealed?: unknown }).sealed === 'string';
