import type * as z from 'zod';

/** What a role's field rule does: the value is left out (null), or shown in part. */
export type FieldRule = 'hide' | 'mask';

/**
 * A field that roles may hide or mask, by the name a field rule says: `identity.person.email`. The same name stands on the
 * field wherever it appears, in answers and in events, so that one rule holds in REST, GraphQL, exports, search and the
 * trail. In an answer the schema must accept null. `title` is what the role editor says: "E-mail address of a person".
 */
export const guarded = <S extends z.ZodType>(schema: S, name: string, title: string): S =>
  schema.meta({ guarded: { name, title } }) as S;

export interface Guard {
  readonly name: string;
  readonly title: string;
}
export const guardOf = (schema: z.ZodType): Guard | null => (schema.meta()?.['guarded'] as Guard | undefined) ?? null;

/**
 * A field that holds another schema's fields, as a command that waits holds its input: which of them are guarded is not
 * known where it stands, so whoever may not see some field sees nothing of it. The schema must accept null.
 */
export const opaque = <S extends z.ZodType>(schema: S): S => schema.meta({ opaque: true }) as S;
export const isOpaque = (schema: z.ZodType): boolean => schema.meta()?.['opaque'] === true;

/** The first letter and no more; an e-mail address keeps its form: `k•••@•••`. */
export const masked = (text: string): string => {
  const [first = ''] = text;
  return text.includes('@') ? `${first}•••@•••` : `${first}•••`;
};
