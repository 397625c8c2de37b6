import { publishedState } from '@daybook/kernel';
import { role } from '../role.schema.js';
import { roleEvents } from './role.events.js';

/** The roles of a tenant that can be named now: built-in ones by their name, its own by id, each with its name. */
export const roleNames = publishedState<ReadonlyMap<string, string>, typeof roleEvents>('identity.role-names', {
  of: 'identity.tenant',
  events: roleEvents,
  initial: new Map(role.options.map((name) => [name, name])),
  evolve: (names, event) => {
    const after = new Map(names);
    if (event.type === 'identity.role-removed') after.delete(event.data.roleId);
    else if (event.data.name !== undefined) after.set(event.data.roleId, event.data.name);
    return after;
  },
});
