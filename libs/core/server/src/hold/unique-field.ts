import {
  type Command,
  daybookNamespace,
  type EventDeclaration,
  nameId,
  reject,
  type Rejection,
  streamName,
} from '@daybook/kernel';
import { decide } from '../binding.js';
import type { Asking, SoftFactSources } from '../facts.js';
import type { GrantingAggregate } from './granting.js';
import { reservationEvents } from './hold.events.js';
import { confirmReservation, holdReservation, releaseReservation, reservationCommands } from './hold.internal.js';
import { reservationDecider } from './reservation.decider.js';

export const reservationBinding = decide({
  operations: reservationCommands,
  decider: reservationDecider,
  events: reservationEvents,
  stream: ({ reservationId }, { tenant }) => streamName('platform.reservation', tenant, reservationId),
  // Most values that somebody wants are nobody's.
  begins: (input) => 'hold' in input && input.purpose === 'take',
  mayChangeNothing: true,
});

export const reservations: GrantingAggregate = {
  binding: reservationBinding,
  hold: holdReservation,
  confirm: confirmReservation,
  release: releaseReservation,
};

/** The value that a record has: null, or an empty text, for none. */
export interface UniqueValue {
  /** Id of the record. */
  readonly owner: string;
  readonly value: string | null;
  /** The company in which it is unique; null: in the tenant. */
  readonly companyId?: string | null;
}

/** The value that a caller asked for, and the record that has it. */
export interface TakenValue {
  readonly owner: string;
  readonly value: string;
  /** 409 `accounting.registration-number-exists`, at the field where the input has it. */
  readonly exists: (message: string, details?: Record<string, unknown>) => Rejection;
}

/**
 * A field whose value one record alone may have, in its tenant or company. It is declared once, as a function of the state:
 * whatever command or import changes the value takes the new one and leaves the old one, and neither can be forgotten. A
 * removed, merged or erased record has no value (docs/adr/0043).
 */
export interface UniqueField<S = unknown, C extends Command = Command, I = unknown> {
  /** `accounting.company.registration-number` */
  readonly name: string;
  /** Of the field in the input: `/registrationNumber`. */
  readonly pointer: string;
  /** The value of a person: kept outside the log, as a keyed hash in a table that an erasure empties. */
  readonly personal: boolean;
  /** The events that can change it; any event when left out. */
  readonly changedBy: readonly EventDeclaration[] | null;
  of(state: S): UniqueValue | null;
  /** Values that count as the same one have one form. */
  form(value: string): string;
  /** What a caller is told whose value another record has. */
  taken(asking: Asking<C, S> & SoftFactSources & TakenValue, injected: I): Rejection | Promise<Rejection>;
}

type Declared<S, C extends Command, I> = Pick<UniqueField<S, C, I>, 'name' | 'pointer' | 'of'> &
  Partial<UniqueField<S, C, I>> & { readonly label: string };

/** Compared without regard to case and white space, as a default. */
const plainForm = (value: string): string => value.normalize('NFKC').replaceAll(/\s/g, '').toLowerCase();

export const uniqueField = <S, C extends Command, I>({
  label,
  ...declared
}: Declared<S, C, I>): UniqueField<S, C, I> => ({
  personal: false,
  changedBy: null,
  form: plainForm,
  taken: ({ value, exists }) => exists(`The ${label} ${value} is taken already.`),
  ...declared,
});

export const takenValue = (
  { name, pointer }: Pick<UniqueField, 'name' | 'pointer'>,
  input: unknown,
  found: Pick<TakenValue, 'owner' | 'value'>,
): TakenValue => ({
  ...found,
  exists: (message, details = {}) => {
    const code = `${name.split('.')[0]}.${name.split('.').at(-1)}-exists`;
    const isInput = pointer.slice(1) in (input as object);
    return reject(code, message, { details, errors: isInput ? [{ pointer, code, message }] : [] });
  },
});

/** What is reserved, as one text: the field, where it is unique, and the value in its one form. */
export const reservedText = ({ name, form }: UniqueField, { value, companyId = null }: UniqueValue): string | null => {
  const text = form(value ?? '');
  return text === '' ? null : [name, companyId ?? '', text].join('\u001f');
};

export const reservationIdOf = (tenant: string, text: string): string => nameId(daybookNamespace, tenant, text);
