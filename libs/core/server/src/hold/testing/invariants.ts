import type { EventStore } from '@daybook/event-store';
import { formatNumber, isEventOf, type NewEvent } from '@daybook/kernel';
import type { StoredEvent } from '@daybook/event-store';
import { numberEvents, type NumberEvent, reservationEvents, type ReservationEvent } from '../hold.events.js';
import { numberDecider, type SeriesState } from '../number.decider.js';
import { type Reservation, reservationDecider } from '../reservation.decider.js';
import { reservationIdOf, reservedText } from '../unique-field.js';
import {
  type Contact,
  contactCatalogue,
  contactCreated,
  contactDecider,
  contactEvents,
  contactNumbers,
  contacts,
} from './contacts.js';

/** Everything that stands in a log of contacts, folded. */
export interface Books {
  readonly contacts: ReadonlyMap<string, Extract<Contact, { status: 'there' }>>;
  /** Of contacts that were ever created. */
  readonly numbers: readonly string[];
  readonly series: SeriesState;
  readonly voided: readonly number[];
  readonly reservations: ReadonlyMap<string, Reservation>;
  readonly commands: ReadonlySet<string>;
}

export async function booksOf(store: Pick<EventStore, 'readAll'>, tenant: string): Promise<Books> {
  const byStream = new Map<string, StoredEvent[]>();
  for await (const stored of store.readAll({ tenant })) {
    if (stored.meta.tenant === tenant) byStream.set(stored.stream, [...(byStream.get(stored.stream) ?? []), stored]);
  }
  const there = new Map<string, Extract<Contact, { status: 'there' }>>();
  const numbers: string[] = [];
  const voided: number[] = [];
  const reservations = new Map<string, Reservation>();
  const commands = new Set<string>();
  let series = numberDecider.initial;
  for (const [stream, stored] of byStream) {
    const events = await Promise.all(stored.map((one) => contactCatalogue.fromStore(one)));
    const of = (names: readonly { name: string }[]) =>
      events.filter(({ type }) => names.some(({ name }) => name === type)) as unknown as NewEvent[];
    const at = { revision: 0 };
    if (stream.startsWith('crm.')) {
      let state: Contact = contactDecider.initial;
      for (const event of events) if (isEventOf(contactEvents, event)) state = contactDecider.evolve(state, event, at);
      if (state.status === 'there') there.set(state.contactId, state);
      for (const { data } of of([contactCreated])) numbers.push((data as { number: string }).number);
      for (const { meta } of events) commands.add(meta.commandId);
    } else if (stream.startsWith('platform.series')) {
      for (const event of of(numberEvents) as NumberEvent[]) {
        series = numberDecider.evolve(series, event, at);
        if (event.type === 'platform.number-voided') voided.push(event.data.number);
      }
    } else {
      const [, id = ''] = stream.split(`${tenant}-`);
      const fold = (state: Reservation, event: ReservationEvent) => reservationDecider.evolve(state, event, at);
      reservations.set(id, (of(reservationEvents) as ReservationEvent[]).reduce(fold, reservationDecider.initial));
    }
  }
  return { contacts: there, numbers, series, voided, reservations, commands };
}

/** What must hold at any moment, whatever died or waited where; a sentence for each thing that does not. */
export function faultsIn(books: Books, tenant: string): string[] {
  const faults: string[] = [];
  for (const field of ['code', 'email'] as const) {
    const owners = new Map<string, string>();
    for (const { contactId, [field]: value } of books.contacts.values()) {
      if (value === null) continue;
      if (owners.has(value)) faults.push(`${field} ${value} belongs to two contacts`);
      owners.set(value, contactId);
    }
  }
  for (const { contactId, code } of books.contacts.values()) {
    const text = reservedText(contacts.unique[0]!, { owner: contactId, value: code });
    if (text === null) continue;
    const found = books.reservations.get(reservationIdOf(tenant, text));
    const isTaking = found?.open?.purpose === 'take' && found.open.owner === contactId;
    if (found?.owner !== contactId && !isTaking) faults.push(`code ${code} is not reserved for its contact`);
  }
  const { numbers, voided, series } = books;
  if (new Set(numbers).size !== numbers.length) faults.push('a number was given twice');
  const open = [...series.open.values()].map(({ number }) => number);
  for (let number = 1; number <= series.last; number++) {
    const isGiven = numbers.some((given) => given.endsWith(`-${number}`));
    const states = [isGiven && !open.includes(number), voided.includes(number), open.includes(number)];
    if (states.filter(Boolean).length !== 1) faults.push(`number ${number} is given, voided, open: ${states.join()}`);
  }
  for (const given of numbers) {
    const number = Number(given.split('-').at(-1));
    const period = given.split('-')[1] ?? '';
    if (number < 1 || number > series.last || given !== formatNumber(contactNumbers, period, number)) {
      faults.push(`${given} is not of the series`);
    }
  }
  return faults;
}
