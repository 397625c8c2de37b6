import { command, type CommandOf, holdRequest, holdStep } from '@daybook/kernel';
import * as z from 'zod';
import { purpose } from './hold.events.js';

/* Commands of the streams that grant holds. Only the command executor sends them (holds.ts). */
const named = { name: z.uuid() };
const released = { ...named, step: holdStep, reason: z.string() };

const ofReservation = { reservationId: z.string(), field: z.string(), owner: z.string(), purpose };
export const holdReservation = command('platform.reservation.hold', {
  title: 'Hold a value',
  http: 'POST /v1/platform/reservations',
  says: 'reserved a value of {field}',
  input: z.object({ ...ofReservation, hold: holdRequest }),
});
export const confirmReservation = command('platform.reservation.confirm', {
  title: 'Confirm the reservation of a value',
  http: 'POST /v1/platform/reservations/confirm',
  says: 'confirmed the reservation of a value of {field}',
  input: z.object({ ...ofReservation, ...named }),
});
export const releaseReservation = command('platform.reservation.release', {
  title: 'Release a value',
  http: 'POST /v1/platform/reservations/release',
  says: 'released a value of {field}',
  input: z.object({ ...ofReservation, ...released }),
});
export const reservationCommands = [holdReservation, confirmReservation, releaseReservation] as const;
export type ReservationCommand = CommandOf<(typeof reservationCommands)[number]>;

const ofSeries = { series: z.string(), companyId: z.string().nullable(), period: z.string() };
export const holdNumber = command('platform.number.hold', {
  title: 'Hold a number',
  http: 'POST /v1/platform/numbers',
  says: 'held the number {number} of {series}',
  input: z.object({ ...ofSeries, hold: holdRequest }),
});
export const confirmNumber = command('platform.number.confirm', {
  title: 'Confirm a number',
  http: 'POST /v1/platform/numbers/confirm',
  says: 'gave the number {number} of {series}',
  input: z.object({ ...ofSeries, ...named }),
});
export const releaseNumber = command('platform.number.release', {
  title: 'Void a number',
  http: 'POST /v1/platform/numbers/release',
  says: 'voided the number {number} of {series}: {reason}',
  input: z.object({ ...ofSeries, ...released }),
});
export const numberCommands = [holdNumber, confirmNumber, releaseNumber] as const;
export type NumberCommand = CommandOf<(typeof numberCommands)[number]>;

/** Given up by the next command that meets a hold of unknown outcome (steps.ts). */
export const abandonStep = command('platform.step.abandon', {
  title: 'Give up an unfinished step',
  http: 'POST /v1/platform/steps/abandon',
  says: 'gave up a step that was never finished',
  input: z.object({}),
});
