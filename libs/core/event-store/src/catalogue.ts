import type { EventDeclaration, EventMeta, NewEvent, RecordedEvent } from '@daybook/kernel';
import type { EventToAppend, StoredEvent } from './port.js';

/**
 * Knows every event declaration. Writes wire types and sealed data, and reads them back with personal data unsealed (`null`
 * once the subject's key is destroyed).
 */
export interface EventCatalogue {
  declaration(name: string): EventDeclaration | undefined;
  /**
   * The HMAC of a command's input as its events keep it: sealed for every subject whose personal data they contain, so that
   * nobody can test guesses about an erased person. Reading an event unseals it; it is empty once a subject was erased.
   */
  sealedHmac(inputHmac: string, events: readonly NewEvent[], tenant: string): Promise<string>;
  /**
   * Validates the data against its schema (a mismatch is a bug), seals personal fields, sets the wire type, and writes the
   * effect of the type into the metadata.
   */
  toStore(id: string, event: NewEvent, meta: EventMeta): Promise<EventToAppend>;
  /** Fetches the keys of these events in one query; without it, `fromStore` fetches them one by one. */
  prefetchKeys(events: readonly StoredEvent[]): Promise<void>;
  /** Throws UnknownEventError for a type or version that this program does not know; each type is read in one version. */
  fromStore(event: StoredEvent): Promise<RecordedEvent>;
}

/** A program of another version wrote the event; skipping it would lose data silently. */
export class UnknownEventError extends Error {
  override readonly name = 'UnknownEventError';
  /** `wireType` is `accounting.entry-posted.v2`. */
  constructor(
    readonly wireType: string,
    known: number | null,
  ) {
    super(
      known === null
        ? `This program does not know ${wireType}.`
        : `${wireType} was written by a program of another version; this one knows version ${known}.`,
    );
  }
}
