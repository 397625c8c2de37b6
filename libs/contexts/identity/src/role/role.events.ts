import { changed, created, eventOf, field } from '@daybook/kernel';
import { roleRecord } from './role.record.js';

/* The tenant's own roles. The built-in ones are in roles.ts, and no event changes them. */
export const roleDefined = created(roleRecord, { verb: 'defined' });
export const roleRedefined = changed(roleRecord, { verb: 'redefined' });
export const roleRemoved = eventOf(roleRecord, 'removed', { data: { name: field.text('Name') } });

export const roleEvents = [roleDefined, roleRedefined, roleRemoved] as const;
