import { changed, created, eventOf, field, listOf, readOf, record } from '@daybook/kernel';
import { answers, projectionOf, recordTable } from '@daybook/projections';

/* A record with a field of each kind that lists treat in a way of its own, for specs of this library. */
export const parcel = record('post.parcel', {
  one: 'parcel',
  many: 'parcels',
  icon: 'package',
  calledBy: 'number',
  fields: {
    number: field.code('Number', { fixed: true }),
    name: field.text('Name', { optional: true, personal: true }),
    email: field.email('E-mail', { optional: true, guarded: true }),
    owner: field.person('Owner', { default: 'caller' }),
    size: field.choice('Size', { s: 'Small', l: 'Large' }),
    dueOn: field.date('Due on', { optional: true }),
    currency: field.currency('Currency', { default: 'NOK' }),
    value: field.money('Value', { in: 'currency', optional: true }),
    weight: field.quantity('Weight', { optional: true }),
    insured: field.yesNo('Insured', { default: false }),
    status: field.status('Status', { sent: null, lost: { tone: 'error' } }),
  },
});
export const parcelCreated = created(parcel);
export const parcelChanged = changed(parcel);
export const parcelLost = eventOf(parcel, 'lost', { sets: { status: 'lost' } });
export const parcelEvents = [parcelCreated, parcelChanged, parcelLost] as const;
export const listParcels = listOf(parcel, {
  text: ['name', 'email', 'number'],
  filters: ['owner', 'size', 'dueOn', 'value', 'insured', 'number', 'status'],
  sorts: ['name', 'number', 'email', 'dueOn', 'value', 'size', 'insured', 'weight'],
  sums: ['value', 'weight'],
});
export const readParcel = readOf(parcel);
export const parcels = recordTable(parcel, [listParcels]);
export const parcelProjection = projectionOf(parcels, parcelEvents);
export const parcelAnswers = [answers(listParcels, parcels), answers(readParcel, parcels)];
