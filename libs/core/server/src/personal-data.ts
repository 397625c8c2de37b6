import { type EventCatalogue, type EventStore, containsSealed, type Sealer } from '@daybook/event-store';
import type { ReadContext } from '@daybook/projections';
import type { QueryContext } from './context.js';

/** A person, as every context looks for what it keeps about him. */
export interface Subject {
  /** The tenant that asks; what stands in others is theirs. */
  readonly tenant: string;
  readonly personId: string;
  /** Addresses this tenant knew the person by; all there ever were where the person asks. */
  readonly emails: readonly string[];
  /** Ids that things about the person were sealed under before anybody could say who it is: invitations. */
  readonly aliases: readonly string[];
  /** The person asks: for the account too, which is no tenant's. */
  readonly own: boolean;
}

/** A part of the copy of everything: facts as objects of plain values. */
export interface PersonalSection {
  readonly name: string;
  readonly title: string;
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

/** Where something was taken out, and how much of it. */
export interface ErasedPlace {
  readonly place: string;
  readonly count: number;
}

/**
 * What a context keeps about people beyond rows that the engine empties by itself (docs/adr/0016): for the copy that a
 * person may ask for, and for erasing him.
 */
export interface PersonalData {
  /** Bounded: what grows with use is counted, not listed. Never a secret. */
  readonly collect: (subject: Subject, read: QueryContext) => Promise<readonly PersonalSection[]>;
  /** Streams whose events may hold personal fields of his, for the receipt. */
  readonly streams?: (subject: Subject, read: ReadContext) => Promise<readonly string[]>;
  /** Ids under which it sealed what is addressed to one of these addresses, of people who may not be known. */
  readonly aliases?: (tenant: string, emails: readonly string[], read: ReadContext) => Promise<readonly string[]>;
  /** Deletes what stands in plain tables, files or mails. Repeated until the erasure is finished. */
  readonly forget?: (subject: Subject) => Promise<readonly ErasedPlace[]>;
}

/** Keys of personal data, for whoever erases or looks up. */
export interface Vault extends Pick<Sealer, 'erase' | 'blindIndex'> {
  /** Positions of the events of a stream that hold personal fields of the subject, whether these can be opened or not. */
  sealedIn(stream: string, subject: string): AsyncIterable<bigint>;
}

export const vaultOf = (
  sealer: Pick<Sealer, 'erase' | 'blindIndex'>,
  store: Pick<EventStore, 'readStream'>,
  catalogue: Pick<EventCatalogue, 'declaration'>,
): Vault => ({
  erase: (tenant, subject) => sealer.erase(tenant, subject),
  blindIndex: (tenant, value) => sealer.blindIndex(tenant, value),
  async *sealedIn(stream, subject) {
    for await (const { type, data, position } of store.readStream(stream)) {
      const declaration = catalogue.declaration(type.replace(/\.v\d+$/, ''));
      if (declaration && containsSealed(declaration.data, data, subject)) yield position;
    }
  },
});
