import type * as z from 'zod';
import { marksIn } from './find-marks.js';
import { walkerOf } from './walk-marks.js';
import { marksOf, withMarks } from './marks.js';

/** What a role's field rule does: `hide` gives null, `mask` shows the value in part. */
export type FieldRule = 'hide' | 'mask';

export interface Guard {
  readonly name: string;
  readonly title: string;
}

/**
 * Marks a field that roles may hide or mask. Field rules name it: `identity.person.email`. The field has the same name wherever
 * it appears, at any depth, in answers and in events, so that one rule applies to REST, GraphQL, exports, search and the trail.
 * In an answer the schema must accept null. The role editor shows `title`: "E-mail address of a person".
 */
export const guarded = <S extends z.ZodType>(schema: S, name: string, title: string): S =>
  withMarks(schema, { guarded: { name, title } });

/**
 * Marks a field that contains the fields of another schema, as an approval request contains the input of its command. Its
 * guarded fields are not known here, so people who may not see some field see nothing of it. The schema must accept null.
 */
export const opaque = <S extends z.ZodType>(schema: S): S => withMarks(schema, { opaque: true });

export const isOpaque = (schema: z.ZodType): boolean => marksOf(schema).opaque === true;

/** Visits the guarded and opaque places of a value. */
export const guardedWalk = walkerOf((marks) => marks.guarded !== undefined || marks.opaque === true);

/** All guards below a schema, one per name. */
export function guardsIn(schema: z.ZodType): readonly Guard[] {
  const guards = marksIn(schema).flatMap(({ marks }) => marks.guarded ?? []);
  return [...new Map(guards.map((guard) => [guard.name, guard])).values()];
}

/** Why guarded fields of a schema cannot be hidden, one sentence per place. `answered`: the schema is of an answer. */
export function hidingFaults(schema: z.ZodType, answered: boolean): readonly string[] {
  return marksIn(schema).flatMap(({ path, place, marks, beyond }) => {
    if (!marks.guarded && !marks.opaque) return [];
    const fault = (why: string) => [`${path === '' ? 'The whole' : path} is guarded and cannot be hidden: ${why}.`];
    if (beyond !== null) return fault(`it is in ${beyond}`);
    return answered && !acceptsNull(place) ? fault('it does not accept null') : [];
  });
}

/** A transformation may throw on a value that it does not expect. */
export function acceptsNull(place: z.ZodType): boolean {
  try {
    return place.safeParse(null).success;
  } catch {
    return false;
  }
}

/** Whether a text looks like the result of `masked`: it was shown to somebody, and nobody would type it. */
export const isMasked = (text: string): boolean => /^.?•••(@•••)?$/su.test(text.trim());

/** Shows only the first letter; an e-mail address keeps its form: `k•••@•••`. */
export const masked = (text: string): string => {
  const [first = ''] = text;
  return text.includes('@') ? `${first}•••@•••` : `${first}•••`;
};
