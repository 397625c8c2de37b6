import * as z from 'zod';

/** Marks a field as personal data of a subject (DECISIONS 8). */
export interface PersonalMark {
  /** The sibling field that holds the subject's id; its key seals this field. */
  readonly subject: string;
}

/**
 * A field whose content is personal data of a subject. In an event it is sealed per subject before it is stored: deciders
 * and projections see clear text, the store's boundary seals and opens it, and destroying the subject's key erases it. In
 * a row it must accept null, for the engine empties it when an event erases the subject (docs/adr/0016).
 */
export const personal = <S extends z.ZodType>(schema: S, subject: string): S =>
  schema.meta({ personal: { subject } }) as S;

/** The personal fields of an object's schema: field name -> mark. Only top-level fields may be personal. */
export function personalFields(schema: z.ZodType): ReadonlyMap<string, PersonalMark> {
  const marks = new Map<string, PersonalMark>();
  if (schema instanceof z.ZodObject) {
    for (const [field, inner] of Object.entries(schema.shape)) {
      const mark = markOf(inner as z.ZodType);
      if (mark) marks.set(field, mark);
    }
  }
  return marks;
}

/** Also where `.nullable()` or `.optional()` was said after `personal`. */
function markOf(schema: z.ZodType): PersonalMark | undefined {
  const mark = schema.meta()?.['personal'] as PersonalMark | undefined;
  if (mark) return mark;
  const inner = (schema._zod.def as { innerType?: z.ZodType }).innerType;
  return inner && markOf(inner);
}
