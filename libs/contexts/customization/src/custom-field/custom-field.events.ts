import { changed, created, eventOf, type EventsOf, type StateOfRecord, withKey } from '@daybook/kernel';
import { customField } from './custom-field.record.js';

/* The custom fields of a tenant: one stream, `customization.fields-{tenant}-{tenant}`. */
export const customFieldCreated = created(customField);
export const customFieldChanged = changed(customField);
export const customFieldRetired = eventOf(customField, 'retired', { sets: { status: 'retired' } });
export const customFieldRestored = eventOf(customField, 'restored', { sets: { status: 'active' } });
export const customFieldEvents = [
  customFieldCreated,
  customFieldChanged,
  customFieldRetired,
  customFieldRestored,
] as const;
export type CustomFieldEvent = EventsOf<typeof customFieldEvents>;

export type Field = StateOfRecord<typeof customField>;
export type Fields = ReadonlyMap<string, Field>;
/** The fields after an event, by what it sets. */
export function withEvent(fields: Fields, { type, data }: CustomFieldEvent): Fields {
  const set = customFieldEvents.find(({ name }) => name === type)?.sets?.(data);
  const known = fields.get(data.id);
  return withKey(fields, data.id, { ...known, ...set, id: data.id, version: (known?.version ?? 0) + 1 } as Field);
}
