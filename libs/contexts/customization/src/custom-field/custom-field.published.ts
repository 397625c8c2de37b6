import { type CustomFieldsByType, customFieldsInOrder, publishedState } from '@daybook/kernel';
import { customFieldEvents, type Field, type Fields, withEvent } from './custom-field.events.js';

/** The custom fields of a tenant, as decisions about records ask for them. */
export const customFieldsByType = publishedState<CustomFieldsByType, typeof customFieldEvents>(
  'customization.custom-fields',
  {
    of: 'customization.fields',
    events: customFieldEvents,
    initial: new Map(),
    evolve: (types, event) => {
      const all = new Map([...types.values()].flat().map((one) => [(one as Field).id, one as Field]));
      const after: Fields = withEvent(all, event);
      return Map.groupBy(customFieldsInOrder(after.values()), ({ recordType }) => recordType);
    },
  },
);
