import type * as z from 'zod';
import { marksIn } from './find-marks.js';
import { walkerOf } from './walk-marks.js';
import { marksOf, withMarks } from './marks.js';

/** What a role's field rule does: the value is left out (null), or shown in part. */
export type FieldRule = 'hide' | 'mask';

export interface Guard {
  readonly name: string;
  readonly title: string;
}

/**
 * A field that roles may hide or mask, by the name a field rule says: `identity.person.email`. The same name stands on the
 * field wherever it appears, at any depth, in answers and in events, so that one rule holds in REST, GraphQL, exports,
 * search and the trail. In an answer the schema must accept null. `title` is what the role editor says: "E-mail address of
 * a person".
 */
export const guarded = <S extends z.ZodType>(schema: S, name: string, title: string): S =>
  withMarks(schema, { guarded: { name, title } });

/**
 * A field that holds another schema's fields, as a command that waits holds its input: which of them are guarded is not
 * known where it stands, so whoever may not see some field sees nothing of it. The schema must accept null.
 */
export const opaque = <S extends z.ZodType>(schema: S): S => withMarks(schema, { opaque: true });

export const isOpaque = (schema: z.ZodType): boolean => marksOf(schema).opaque === true;

/** Visits the guarded and the opaque places of a value. */
export const guardedWalk = walkerOf((marks) => marks.guarded !== undefined || marks.opaque === true);

/** All guards below a schema, one per name. */
export function guardsIn(schema: z.ZodType): readonly Guard[] {
  const guards = marksIn(schema).flatMap(({ marks }) => marks.guarded ?? []);
  return [...new Map(guards.map((guard) => [guard.name, guard])).values()];
}

/** Why guarded fields of a schema cannot be hidden, one sentence per place. `answered`: it is what an operation answers. */
export function hidingFaults(schema: z.ZodType, answered: boolean): readonly string[] {
  return marksIn(schema).flatMap(({ path, place, marks, beyond }) => {
    if (!marks.guarded && !marks.opaque) return [];
    const fault = (why: string) => [`${path === '' ? 'The whole' : path} is guarded and cannot be hidden: ${why}.`];
    if (beyond !== null) return fault(`it is in ${beyond}`);
    return answered && !acceptsNull(place) ? fault('it does not accept null') : [];
  });
}

/** Is null a value of the place? A transformation may refuse what it does not expect by throwing. */
export function acceptsNull(place: z.ZodType): boolean {
  try {
    return place.safeParse(null).success;
  } catch {
    return false;
  }
}

/** Has a text the form that `masked` gives? It is what somebody was shown, and nothing that anybody would write. */
export const isMasked = (text: string): boolean => /^.?•••(@•••)?$/su.test(text.trim());

/** The first letter and no more; an e-mail address keeps its form: `k•••@•••`. */
export const masked = (text: string): string => {
  const [first = ''] = text;
  return text.includes('@') ? `${first}•••@•••` : `${first}•••`;
};
