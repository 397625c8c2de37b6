import type { Customizable } from './custom.js';
import * as field from './field.js';
import type { RecordName } from './record.js';

/**
 * A type of records that takes custom fields and is no record of the kit: its commands and lists name it (`custom`), its event
 * and row have `custom`. `personal`: the event seals them for the person whom the record is about.
 */
export const customizable = (
  name: RecordName,
  { personal, ...called }: Pick<Customizable, 'one' | 'many'> & { readonly personal?: true },
): Customizable => ({ name, ...called, fields: { custom: field.custom(personal ? { personal } : {}) } });
