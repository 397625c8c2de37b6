import { type CustomFieldsByType, publishedState } from '@daybook/kernel';
import { customFieldEvents, type Field, type Fields, withEvent } from './custom-field.events.js';

/** In the order of forms and lists. */
export const inOrder = <F extends Pick<Field, 'position' | 'label'>>(fields: Iterable<F>): F[] =>
  [...fields].sort((a, b) => a.position - b.position || (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));

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
      return Map.groupBy(inOrder(after.values()), ({ recordType }) => recordType);
    },
  },
);
