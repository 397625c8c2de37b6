import * as z from 'zod';

/** Marks a field as personal data of a subject (DECISIONS 8). */
export interface PersonalMark {
  /** The sibling field that holds the subject's id; its key seals this field. */
  readonly subject: string;
}

/**
 * A field whose content is sealed per subject before it is stored. Deciders and projections see clear text; the
 * store's boundary seals and opens it; erasing the subject's key erases the content.
 */
export const personal = <S extends z.ZodType>(schema: S, subject: string): S =>
  schema.meta({ personal: { subject } }) as S;

/** The personal fields of an event's data schema: field name -> mark. Only top-level fields may be personal. */
export function personalFields(schema: z.ZodType): ReadonlyMap<string, PersonalMark> {
  const marks = new Map<string, PersonalMark>();
  if (schema instanceof z.ZodObject) {
    for (const [field, inner] of Object.entries(schema.shape)) {
      const mark = (inner as z.ZodType).meta()?.['personal'] as PersonalMark | undefined;
      if (mark) marks.set(field, mark);
    }
  }
  return marks;
}
