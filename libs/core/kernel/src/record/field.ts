import * as z from 'zod';
import { instant as moment, plainDate } from '../date.js';
import { amount, decimal } from '../decimal.js';
import { currencyCode } from '../money.js';
import { oneLine, plainText } from '../text-input.js';
import type { StatusWord } from '../view.js';
import { customInput, customStored } from './custom.js';

/*
 * The kinds of fields that a record has. A field is described once: event data, input, row, table, columns, filters, forms
 * and words derive from it (record.ts and what builds on it).
 */
export type FieldKind =
  | 'text' | 'note' | 'email' | 'phone' | 'code' | 'date' | 'money' | 'quantity' | 'percent' | 'whole' | 'yes-no'
  | 'currency' | 'choice' | 'status' | 'reference' | 'person' | 'instant' | 'list' | 'custom'; // prettier-ignore

/** What may be said of a field of any kind. Options are literals, so that types follow from them. */
interface Common {
  readonly optional?: true;
  /** Set by events, never by input. A new record has its default, if there is one. */
  readonly given?: true;
  /** Neither entered nor stored: the query of the record computes it. */
  readonly computed?: true;
  /** Entered when the record is created, and never changed. */
  readonly fixed?: true;
  /** Personal data: of the record itself, or of the subject that another field names. */
  readonly personal?: true | string;
  /** Roles may hide or mask it. */
  readonly guarded?: true;
  /** No two records have the same value, in the tenant or in the company; archived ones keep theirs (docs/adr/0057). */
  readonly unique?: 'tenant' | 'company';
  /** Beside the field in forms and in the API document. */
  readonly hint?: string;
  /** Shown where there is no value: "Never". */
  readonly none?: string;
}
/** Some kinds have more. */
export interface FieldOptions extends Common {
  readonly default?: unknown;
  readonly min?: number;
  readonly max?: number;
  readonly in?: string;
  /** Of a list of objects: what is shown of each. */
  readonly each?: string;
  /** Filtered by any of several values, where a list of its kind has a range or one value. */
  readonly filter?: 'values';
}

export interface Field<
  K extends FieldKind = FieldKind,
  S extends z.ZodType = z.ZodType,
  O extends FieldOptions = FieldOptions,
> {
  readonly kind: K;
  readonly label: string;
  /** What a person may enter; without default, marks and null, which depend on where the field is. */
  readonly schema: S;
  /** As it is kept and answered: what is allowed may change, what was said stays. */
  readonly stored: z.ZodType;
  readonly options: O;
  /** Of a choice or a status: null is the quiet, normal word. */
  readonly words: Readonly<Record<string, StatusWord>> | null;
  /** Of a reference: the record type that it names. */
  readonly to: string | null;
  /** Of money: the field that says its currency. */
  readonly currency: string | null;
}
export type Fields = Readonly<Record<string, Field>>;

/** Refuses options that the kind does not have: a misspelt one would be ignored. */
type Only<O, Allowed> = O & { readonly [K in Exclude<keyof O, keyof Allowed>]: never };
type None = Record<never, never>;
type Default<V> = { readonly default?: V };

const field = <K extends FieldKind, S extends z.ZodType, O extends FieldOptions>(
  kind: K,
  label: string,
  schema: S,
  options: O | undefined,
  more: Partial<Pick<Field, 'stored' | 'words' | 'to' | 'currency'>> = {},
): Field<K, S, O> => ({
  kind,
  label,
  schema,
  stored: schema,
  options: options ?? ({} as O),
  words: null,
  to: null,
  currency: null,
  ...more,
});

const plain = { stored: z.string() };

interface Sized extends Common {
  readonly max?: number;
}
/** One line: a name, a title. Sorted as words, in the order of the alphabet. */
export const text = <const O extends Sized & Default<string> = None>(
  label: string,
  options?: Only<O, Sized & Default<string>>,
) => field('text', label, oneLine(options?.max ?? 200), options as O | undefined, plain);
/** Several lines: a description. */
export const note = <const O extends Sized = None>(label: string, options?: Only<O, Sized>) =>
  field('note', label, plainText(options?.max ?? 2000), options as O | undefined, plain);
export const email = <const O extends Common = None>(label: string, options?: Only<O, Common>) =>
  field(
    'email',
    label,
    z.email('Give an e-mail address like ola@example.com.').max(254),
    options as O | undefined,
    plain,
  );
export const phone = <const O extends Common = None>(label: string, options?: Only<O, Common>) =>
  field('phone', label, phoneNumber, options as O | undefined, plain);
/** What machines and people cite: sorted by code point, the same everywhere. */
export const code = <const O extends Sized = None>(label: string, options?: Only<O, Sized>) =>
  field('code', label, codeOf(options?.max ?? 35), options as O | undefined, plain);
/** A business date, without time or zone. */
export const date = <const O extends Common = None>(label: string, options?: Only<O, Common>) =>
  field('date', label, plainDate, options as O | undefined);
/** A moment: when something was said, or is due. */
export const instant = <const O extends Common = None>(label: string, options?: Only<O, Common>) =>
  field('instant', label, moment, options as O | undefined);
interface InCurrency extends Common {
  /** The field of the record that says the currency; `company`: that of the company. */
  readonly in: string;
}
export const money = <const O extends InCurrency>(label: string, options: Only<O, InCurrency>) =>
  field('money', label, amount, options as unknown as O, {
    currency: options.in === 'company' ? null : options.in,
  });
export const quantity = <const O extends Common = None>(label: string, options?: Only<O, Common>) =>
  field('quantity', label, decimal, options as O | undefined);
/** `25` is 25 %. */
export const percent = <const O extends Common = None>(label: string, options?: Only<O, Common>) =>
  field('percent', label, decimal, options as O | undefined);
interface Bounded extends Common {
  readonly min?: number;
  readonly max?: number;
  readonly default?: number;
}
export const whole = <const O extends Bounded = None>(label: string, options?: Only<O, Bounded>) =>
  field('whole', label, z.int().min(options?.min ?? 0).max(options?.max ?? 2_147_483_647), options as O | undefined); // prettier-ignore
export const yesNo = <const O extends Common & Default<boolean> = None>(
  label: string,
  options?: Only<O, Common & Default<boolean>>,
) => field('yes-no', label, z.boolean(), options as O | undefined);
export const currency = <const O extends Common & Default<string> = None>(
  label: string,
  options?: Only<O, Common & Default<string>>,
) => field('currency', label, currencyCode, options as O | undefined);

type Word<W> = keyof W & string;
const oneOf = <W extends object>(words: W) => z.enum(Object.keys(words) as [Word<W>, ...Word<W>[]]);
const labelled = (words: Readonly<Record<string, string | StatusWord>>): Readonly<Record<string, StatusWord>> =>
  Object.fromEntries(
    Object.entries(words).map(([word, said]) => [word, typeof said === 'string' ? { label: said, quiet: true } : said]),
  );

/** One of several words that a person chooses, each with its label. */
export const choice = <
  const W extends Readonly<Record<string, string>>,
  const O extends Common & Default<Word<W>> = None,
>(
  label: string,
  words: W,
  options?: Only<O, Common & Default<Word<W>>>,
) => field('choice', label, oneOf(words), options as O | undefined, { words: labelled(words) });
/** Where a record stands. Events set it, never input; a new record has the first word. */
export const status = <const W extends Readonly<Record<string, StatusWord>>>(label: string, words: W) =>
  field('status', label, oneOf(words), { given: true } as const, { words });

/** Another record, by the name of its type, so that two may point at each other. A name that no record has stops the start. */
export const reference = <const O extends Common = None>(
  label: string,
  to: `${string}.${string}`,
  options?: Only<O, Common>,
) => field('reference', label, z.uuid(), options as O | undefined, { to });
/** A person of the tenant; `caller`: by default the one who creates the record. */
export const person = <const O extends Common & Default<'caller'> = None>(
  label: string,
  options?: Only<O, Common & Default<'caller'>>,
) => field('person', label, z.uuid(), options as O | undefined);

/**
 * What the tenant adds to records of this type: `custom: field.custom()`, and nothing more (custom.ts). `personal` seals all of
 * it for the record itself, and lets fields be marked as personal data.
 */
export const custom = <const O extends Pick<Common, 'guarded'> & { readonly personal?: true } = None>(
  options?: Only<O, Pick<Common, 'guarded' | 'personal'>>,
) =>
  field('custom', 'Custom fields', customInput, { ...options, optional: true } as O & { readonly optional: true }, {
    stored: customStored,
  });

/** Several values of one kind, in their order. They are shown, and neither searched nor sorted by. */
export const list = <
  S extends z.ZodType,
  const O extends Common & { readonly each?: string } & Default<readonly []> = None,
>(
  label: string,
  of: S,
  options?: Only<O, Common & { readonly each?: string } & Default<readonly []>>,
) => field('list', label, z.array(of), options as O | undefined);

/** With a schema of the context's own: the number of an account. It is kept and answered as it is entered. */
export const own = <const K extends FieldKind, S extends z.ZodType, const O extends FieldOptions = None>(
  kind: K,
  label: string,
  schema: S,
  options?: Only<O, FieldOptions>,
  words: Readonly<Record<string, string | StatusWord>> | null = null,
) => field(kind, label, schema, options as O | undefined, { words: words && labelled(words) });

/** E.164 with what people write between the digits. Spaces stay: they are how the number is read. */
const phoneNumber = z
  .string()
  .trim()
  .regex(/^\+?[\d ().-]{3,29}\d$/, 'Give a phone number like +47 22 33 44 55.');
const codeOf = (most: number) =>
  z.string().trim().max(most).regex(/^[\p{L}\d][\p{L}\d._/-]*$/u, 'Give a code of letters, digits, dots, dashes and slashes.'); // prettier-ignore
