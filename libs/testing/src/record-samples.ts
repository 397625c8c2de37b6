import type { Field, Operation, RecordCommand } from '@daybook/kernel';

/*
 * Records of the kit need no sample written by hand: what a person may enter follows from the fields, and every free text holds
 * the tenant's mark.
 */
type Json = Record<string, unknown>;
type Pool = Readonly<Record<string, ReadonlySet<string>>>;

/** `crm.contact` or an operation on it → `contactId`: under that name the pool keeps the ids of its records. */
export const idNameOf = (name: string): string =>
  `${String(name.split('.')[1]).replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}Id`;

/** The name of an input field in the pool: `id` is the id of the operation's own noun. */
export const poolName = (operation: Pick<Operation, 'name'>, field: string): string =>
  field === 'id' ? idNameOf(operation.name) : field;

export const isCreate = (operation: Operation): operation is RecordCommand =>
  'of' in operation && (operation as RecordCommand).of.does === 'create';

/** Input of a command that creates a record; null while a record that it must name is not there. */
export function sampleOf({ of: { record, fields } }: RecordCommand, mark: string, pool: Pool): Json | null {
  const known = (name: string) => [...(pool[name] ?? [])][0];
  const input: Json = record.within === 'company' ? { companyId: known('companyId') } : {};
  for (const [name, field] of Object.entries(fields)) {
    const value = valueOf(name, field, mark, known);
    if (value !== undefined) input[name] = value;
    else if (!field.options.optional && field.options.default === undefined) return null;
  }
  return input;
}

/** What of a record a role may hide, as far as it is a text of its own. */
export const guardedTexts = ({ of: { fields } }: RecordCommand, input: Json): string[] =>
  Object.entries(fields).flatMap(([name, { kind, options }]) =>
    options.guarded && (kind === 'text' || kind === 'note' || kind === 'email') && input[name] !== undefined
      ? [String(input[name])]
      : [],
  );

function valueOf(
  name: string,
  { kind, label, words, to, options }: Field,
  mark: string,
  known: (name: string) => unknown,
) {
  switch (kind) {
    case 'text':
    case 'note':
      // A text with a default has a form of its own: a time zone.
      return typeof options.default === 'string' ? options.default : `${label} ${mark}`;
    case 'email':
      return `${name}@${mark}.example`.toLowerCase();
    case 'choice':
      return Object.keys(words ?? {})[0];
    case 'reference':
      return known(idNameOf(String(to)));
    case 'person':
      return known('personId');
    default:
      return plain[kind];
  }
}
const plain: Readonly<Partial<Record<Field['kind'], unknown>>> = {
  phone: '+47 22 33 44 55', code: 'A1', date: '2026-03-31', money: '10.00', quantity: '10', percent: '25', whole: 1,
  'yes-no': true, currency: 'NOK',
}; // prettier-ignore
