import {
  accept,
  assertNever,
  command,
  type CommandOf,
  type Decider,
  done,
  dueAt,
  event,
  type EventsOf,
  later,
  process,
  reject,
  remember,
  send,
  streamName,
} from '@daybook/kernel';
import { type Context, context, decide } from '@daybook/server';
import * as z from 'zod';

/* A context for specs of processes: a parcel that is sent is labelled, and reminded of after a week unless it arrived. */
const parcelId = z.uuid();
const record = (data: { parcelId: string }) => ({ type: 'parcels.parcel', id: data.parcelId });
const told = <const N extends `parcels.parcel-${string}`>(name: N) =>
  event(name, { data: z.object({ parcelId, note: z.string() }), record });
export const parcelSent = told('parcels.parcel-sent');
export const parcelLabelled = told('parcels.parcel-labelled');
export const parcelReminded = told('parcels.parcel-reminded');
export const parcelArrived = told('parcels.parcel-arrived');
const events = [parcelSent, parcelLabelled, parcelReminded, parcelArrived] as const;

const step = <const N extends string>(name: N, note = z.string()) =>
  command(name, {
    title: name,
    http: `POST /v1/${name as 'parcels'}`,
    says: 'did it',
    input: z.object({ parcelId, note }),
    approvable: { summary: () => 'A parcel' },
  });
export const sendParcel = step('parcels.parcel.send');
export const labelParcel = step('parcels.parcel.label', z.string().max(20));
export const remindOfParcel = step('parcels.parcel.remind');
export const receiveParcel = step('parcels.parcel.receive');
const operations = [sendParcel, labelParcel, remindOfParcel, receiveParcel] as const;

/** A label is refused while the printer is empty. */
export const printer = { empty: false };

const decider: Decider<number, CommandOf<(typeof operations)[number]>, EventsOf<typeof events>> = {
  initial: 0,
  decide({ name, input }, version) {
    switch (name) {
      case 'parcels.parcel.send':
        return accept(input.parcelId, version + 1, parcelSent.of(input));
      case 'parcels.parcel.label':
        return printer.empty
          ? reject('parcels.printer-empty', 'The printer is empty.')
          : accept(input.parcelId, version + 1, parcelLabelled.of(input));
      case 'parcels.parcel.remind':
        return accept(input.parcelId, version + 1, parcelReminded.of(input));
      case 'parcels.parcel.receive':
        return accept(input.parcelId, version + 1, parcelArrived.of(input));
      default:
        return assertNever(name);
    }
  },
  evolve: (version) => version + 1,
};

const shipping = process('parcels.shipping', {
  title: 'Ship parcels',
  version: 1,
  initial: { note: '' },
  on: (when, due) => [
    when(parcelSent, 'parcelId', ({ data, recordedAt }) => [
      remember({ note: data.note }),
      send('label', labelParcel, data),
      dueAt('remind', later(recordedAt, { days: 7 })),
    ]),
    when(parcelArrived, 'parcelId', () => [done()]),
    due('remind', ({ data }, { note }) => [send('remind', remindOfParcel, { parcelId: data.instance, note }), done()]),
  ],
});

export const parcels: Context = context({
  name: 'parcels',
  title: 'Parcels',
  events,
  internal: [
    decide({
      operations,
      decider,
      events,
      stream: (input, { tenant }) => streamName('parcels.parcel', tenant, input.parcelId),
    }),
  ],
  processes: [shipping],
});
