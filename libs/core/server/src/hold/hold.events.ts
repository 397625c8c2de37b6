import { event, type EventsOf, openHold } from '@daybook/kernel';
import * as z from 'zod';

/*
 * Reservations of values: a stream per value, `platform.reservation-{tenant}-{id}`, whose id derives from field and value, so
 * that no two values wait for each other. The value itself is not in the events. Records by id.
 */
const reservation = (data: { reservationId: string }) => ({ type: 'platform.reservation', id: data.reservationId });
const ofReservation = {
  reservationId: z.string(),
  /** `accounting.company.registration-number` */
  field: z.string(),
};
/** `take`: the owner is about to get the value; `leave`: to give it up. */
export const purpose = z.enum(['take', 'leave']);

export const reservationHeld = event('platform.reservation-held', {
  data: openHold.extend({ ...ofReservation, owner: z.string(), purpose }),
  record: reservation,
});
export const reservationConfirmed = event('platform.reservation-confirmed', {
  data: z.object({ ...ofReservation, name: z.uuid() }),
  record: reservation,
});
export const reservationReleased = event('platform.reservation-released', {
  data: z.object({ ...ofReservation, name: z.uuid(), reason: z.string() }),
  record: reservation,
});
export const reservationEvents = [reservationHeld, reservationConfirmed, reservationReleased] as const;
export type ReservationEvent = EventsOf<typeof reservationEvents>;

/* Number series: a stream per series, company and period, `platform.series-{tenant}-{id}`. */
const ofNumber = {
  series: z.string(),
  companyId: z.string().nullable(),
  /** `2026`; empty for a series that never begins anew. */
  period: z.string(),
  number: z.int().min(1),
};
type OfNumber = { series: string; companyId: string | null; period: string; number: number };
export const numberRecordId = ({ series, companyId, period, number }: OfNumber): string =>
  [series, companyId, period, number].filter((part) => part !== null && part !== '').join('/');
const ofSeries = (data: OfNumber) => ({ type: 'platform.number', id: numberRecordId(data) });

export const numberHeld = event('platform.number-held', { data: openHold.extend(ofNumber), record: ofSeries });
export const numberConfirmed = event('platform.number-confirmed', {
  data: z.object({ ...ofNumber, name: z.uuid() }),
  record: ofSeries,
});
/** Its step was not taken. It stays unused, also when no later number was given; the reason explains the gap. */
export const numberVoided = event('platform.number-voided', {
  data: z.object({ ...ofNumber, name: z.uuid(), reason: z.string() }),
  record: ofSeries,
});
export const numberEvents = [numberHeld, numberConfirmed, numberVoided] as const;
export type NumberEvent = EventsOf<typeof numberEvents>;

/**
 * Recorded in the stream of a step that was begun and neither taken nor given up (a process died): from then on its command
 * cannot be appended as it was decided, so that what was held for it can be released. It changes no record.
 */
export const stepAbandoned = event('platform.step-abandoned', {
  data: z.object({ commandId: z.uuid(), hold: z.uuid() }),
  record: (data) => ({ type: 'platform.step', id: data.commandId }),
});

export const holdEvents = [...reservationEvents, ...numberEvents, stepAbandoned] as const;
