import type { EventDeclaration, EventMeta, NewEvent, RecordedEvent } from '@daybook/kernel';
import type { EventToAppend, StoredEvent } from './port.js';

/**
 * Knows every event declaration. Writes wire types and sealed data, reads them back lifted to the newest version with
 * personal data opened (or `null` once its subject's key is gone).
 */
export interface EventCatalogue {
  declaration(name: string): EventDeclaration | undefined;
  /** Checks the data against its schema (a wrong one is a bug), seals personal fields, names the wire type. */
  toStore(id: string, event: NewEvent, meta: EventMeta): Promise<EventToAppend>;
  /** null for a type this program does not know. */
  fromStore(event: StoredEvent): Promise<RecordedEvent | null>;
}
