import * as z from 'zod';

/** The schema without optional, default and nullable around it. */
export function innerType(schema: z.ZodType): z.ZodType {
  let at: z.ZodType = schema;
  while (at instanceof z.ZodOptional || at instanceof z.ZodDefault || at instanceof z.ZodNullable) {
    at = at.unwrap() as z.ZodType;
  }
  return at;
}
export const isRequired = (schema: z.ZodType): boolean =>
  !(schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) && !schema.safeParse(undefined).success;
export const isList = (schema: z.ZodType | undefined): boolean =>
  schema !== undefined && innerType(schema) instanceof z.ZodArray;
export const defaultOf = (schema: z.ZodType): unknown => schema.safeParse(undefined).data;
/** The choices of an enumeration; null for other schemas. */
export const choicesOf = (schema: z.ZodType): readonly string[] | null => {
  const inner = innerType(schema);
  return inner instanceof z.ZodEnum ? inner.options.map(String) : null;
};
