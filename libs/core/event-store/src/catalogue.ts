import type { EventDeclaration, EventMeta, NewEvent, RecordedEvent } from '@daybook/kernel';
import type { EventToAppend, StoredEvent } from './port.js';

/**
 * Knows every event declaration. Writes wire types and sealed data, reads them back with personal data opened (or `null`
 * once its subject's key is gone).
 */
export interface EventCatalogue {
  declaration(name: string): EventDeclaration | undefined;
  /**
   * The HMAC of a command's input as its events keep it: sealed for everybody whose personal data they hold, so that nobody
   * can test guesses about somebody who was erased. Reading an event opens it; it is empty once one of them was erased.
   */
  sealedHmac(inputHmac: string, events: readonly NewEvent[], tenant: string): Promise<string>;
  /**
   * Checks the data against its schema (a wrong one is a bug), seals personal fields, names the wire type, and writes into
   * the metadata what the type does besides.
   */
  toStore(id: string, event: NewEvent, meta: EventMeta): Promise<EventToAppend>;
  /** Fetches the keys that these events are opened with, all at once; `fromStore` does without, one by one. */
  prefetchKeys(events: readonly StoredEvent[]): Promise<void>;
  /** Throws UnknownEventError for a type, or a version of one, that this program does not know: each is read in one version. */
  fromStore(event: StoredEvent): Promise<RecordedEvent>;
}

/** A program of another version wrote it: skipping it would be a silent loss. */
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
