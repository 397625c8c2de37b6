/*
 * Columns of a file, by place: two of one name are two, and none gets another name. A template keeps which column fills which
 * field by name and by how many of that name come before, so that in a file that lacks one nothing moves up.
 */
export interface FileHeader {
  /** From 1. */
  readonly place: number;
  /** As it stands in the file, without blanks around it; empty for a nameless one. */
  readonly name: string;
  /** Which of the columns of this name it is, from 1. */
  readonly occurrence: number;
}

export function headersOf(cells: readonly string[]): readonly FileHeader[] {
  const known = new Map<string, number>();
  return cells.map((cell, index) => {
    const name = cell.trim();
    const occurrence = (known.get(name) ?? 0) + 1;
    known.set(name, occurrence);
    return { place: index + 1, name, occurrence };
  });
}

/** What a blank cell means for a field: nothing is said of it, or it is emptied. */
export type Blank = 'keep' | 'clear';
export interface MappedField {
  readonly field: string;
  readonly name: string;
  readonly occurrence: number;
  readonly blank: Blank;
}
export type Template = readonly MappedField[];

export interface Mapping {
  readonly fields: readonly (MappedField & { readonly place: number })[];
  /** Columns of the template that the file lacks. */
  readonly missing: readonly MappedField[];
  /** Columns of the file that fill no field; nameless ones too. */
  readonly unused: readonly FileHeader[];
}

export function mappingOf(template: Template, headers: readonly FileHeader[]): Mapping {
  const placeOf = ({ name, occurrence }: MappedField) =>
    headers.find((header) => header.name === name && header.occurrence === occurrence)?.place;
  const fields = template.flatMap((one) => {
    const place = placeOf(one);
    return place === undefined ? [] : [{ ...one, place }];
  });
  const used = new Set(fields.map(({ place }) => place));
  return {
    fields,
    missing: template.filter((one) => placeOf(one) === undefined),
    unused: headers.filter(({ place }) => !used.has(place)),
  };
}

/** A field that the row names, as text, or null where a blank clears it. What it says nothing of is left out. */
export function fieldsOf(mapping: Mapping, cells: readonly string[]): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    mapping.fields.flatMap(({ field, place, blank }): (readonly [string, string | null])[] => {
      const cell = cells[place - 1] ?? '';
      if (cell.trim() !== '') return [[field, cell]];
      return blank === 'clear' ? [[field, null]] : [];
    }),
  );
}
