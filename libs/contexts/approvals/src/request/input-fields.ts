/** An input as rows of label and value, for who has to judge it: lists of parts give a row each. */
export interface InputField {
  readonly field: string;
  readonly label: string;
  readonly value: string;
}

export const inputFields = (input: Readonly<Record<string, unknown>>): InputField[] =>
  Object.entries(input).flatMap(([field, value]) => rowsOf(field, labelOf(field), value));

function rowsOf(field: string, label: string, value: unknown): InputField[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value) && value.some(isParts)) {
    return value.map((part, index) => ({
      field: `${field}/${index}`,
      label: `${label} ${index + 1}`,
      value: textOf(part),
    }));
  }
  return [{ field, label, value: textOf(value) }];
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(', ');
  if (!isParts(value)) return String(value);
  return Object.entries(value)
    .filter(([, part]) => part !== null && part !== undefined)
    .map(([name, part]) => `${labelOf(name).toLowerCase()} ${isParts(part) ? `(${textOf(part)})` : textOf(part)}`)
    .join(', ');
}

const isParts = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `documentDate` is "Document date". */
const labelOf = (field: string): string => {
  const words = field.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
};
