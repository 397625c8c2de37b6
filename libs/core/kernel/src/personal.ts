import type * as z from 'zod';
import { marksIn } from './find-marks.js';
import { type Place, walkerOf } from './walk-marks.js';
import { defOf, marksOf, partsOf, withMarks } from './marks.js';

/** Marks a field as personal data of a subject. */
export interface PersonalMark {
  /** The field that names the subject by its id; its key seals what is marked. */
  readonly subject: string;
}

/**
 * What is personal data of a subject, at any depth: `subject` is a field of the nearest object around it that declares one
 * of that name. In an event it is sealed per subject before it is stored: deciders and projections see clear text, the
 * store's boundary seals and opens it, and destroying the subject's key erases it. In a row it must accept null, for the
 * engine empties it when an event erases the subject (docs/adr/0016).
 */
export const personal = <S extends z.ZodType>(schema: S, subject: string): S =>
  withMarks(schema, { personal: { subject } });

/** Visits the personal places of a value. */
export const personalWalk = walkerOf((marks) => marks.personal !== undefined);

export interface PersonalPlace {
  /** `contacts[].phone` */
  readonly path: string;
  readonly subject: string;
  /** The schema of the place, whether the mark is said of it or of what it wraps. */
  readonly place: z.ZodType;
}

export const personalPlaces = (schema: z.ZodType): readonly PersonalPlace[] =>
  marksIn(schema).flatMap(({ path, place, marks: { personal: mark } }) =>
    mark ? [{ path, place, subject: mark.subject }] : [],
  );

/** Whose the value at a place is; throws where that is nobody, for then it can neither be sealed nor found. */
export function subjectOf(place: Place): string {
  const field = place.marks.personal?.subject ?? '';
  const subject = place.sibling(field);
  if (typeof subject !== 'string' || subject === '') {
    throw new Error(`${place.pointer} is personal, and ${field} beside it names nobody.`);
  }
  return subject;
}

/** The value with null in the place of everything that is personal data of these subjects; the same value where nothing is. */
export function withoutPersonal<T>(schema: z.ZodType, value: T, subjects: ReadonlySet<string>): T {
  let found = false;
  const without = personalWalk(schema)?.(value, (place) => {
    if (place.value === null || place.value === undefined) return;
    const subject = place.sibling(place.marks.personal?.subject ?? '');
    if (typeof subject !== 'string' || !subjects.has(subject)) return place.below();
    place.put(null);
    found = true;
  });
  return found ? (without as T) : value;
}

/** Why a schema's personal data cannot be sealed (or emptied), one sentence per place; none where all can be. */
export function sealingFaults(schema: z.ZodType, done: 'sealed' | 'emptied' = 'sealed'): readonly string[] {
  return marksIn(schema).flatMap(({ path, marks, beyond, dissolved, scopes }) => {
    if (!marks.personal) return [];
    const { subject } = marks.personal;
    const fault = (why: string) => [`${path === '' ? 'The whole' : path} is personal and cannot be ${done}: ${why}.`];
    if (beyond !== null) return fault(`it is in ${beyond}`);
    if (dissolved) return fault('a transformation takes it in, and where it ends up is not known; mark what comes out');
    const named = scopes.find((scope) => scope.has(subject))?.get(subject);
    if (!named) return fault(`no object around it has the field ${subject}`);
    if (!isText(named)) return fault(`${subject}, which names the subject, is not a text`);
    if (isMarked(named)) return fault(`${subject}, which names the subject, is personal itself`);
    return [];
  });
}

const textTypes = new Set(['string', 'enum', 'literal', 'template_literal']);

function isText(schema: z.ZodType): boolean {
  if (textTypes.has(defOf(schema).type)) return true;
  const inner = partsOf(schema).filter(({ at }) => at === 'same' || at === 'option');
  return inner.length > 0 && inner.every((part) => isText(part.schema));
}

const isMarked = (schema: z.ZodType): boolean =>
  marksOf(schema).personal !== undefined ||
  partsOf(schema).some((part) => (part.at === 'same' || part.at === 'option') && isMarked(part.schema));
