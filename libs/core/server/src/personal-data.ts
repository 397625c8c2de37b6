import { type EventCatalogue, type EventStore, containsSealed, type Sealer } from '@daybook/event-store';
import type { ReadContext } from '@daybook/projections';
import type { QueryContext } from './context.js';

/** A person whose data each context looks for. */
export interface Subject {
  /** The tenant that asks; data in other tenants is theirs. */
  readonly tenant: string;
  readonly personId: string;
  /** E-mail addresses that this tenant knew; all addresses when the person themselves asks. */
  readonly emails: readonly string[];
  /** Other subject ids under which data was sealed before the person was known (invitations). */
  readonly aliases: readonly string[];
  /** The person themselves asks: includes the account, which belongs to no tenant. */
  readonly own: boolean;
}

/** A section of the copy: records as objects of plain values. */
export interface PersonalSection {
  readonly name: string;
  readonly title: string;
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

/** Where something was erased, and how much. */
export interface ErasedPlace {
  readonly place: string;
  readonly count: number;
}

/**
 * What a context stores about people besides rows that the projection engine empties by itself (docs/adr/0016): for the copy
 * that a person can ask for, and for erasure.
 */
export interface PersonalData {
  /** The copy. Bounded: what grows with use is counted, not listed. Never a secret. */
  readonly collect: (subject: Subject, read: QueryContext) => Promise<readonly PersonalSection[]>;
  /** Streams whose events may contain personal fields of the person, for the receipt. */
  readonly streams?: (subject: Subject, read: ReadContext) => Promise<readonly string[]>;
  /** Subject ids under which data for one of these e-mail addresses was sealed, of people who may be unknown. */
  readonly aliases?: (tenant: string, emails: readonly string[], read: ReadContext) => Promise<readonly string[]>;
  /** Deletes data in plain tables, files and mails. Repeated until the erasure is finished. */
  readonly forget?: (subject: Subject) => Promise<readonly ErasedPlace[]>;
}

/** Keys of personal data, for erasing and for look-up. */
export interface Vault extends Pick<Sealer, 'erase' | 'blindIndex'> {
  /** Positions of the events in a stream with personal fields of the subject, whether or not they can still be opened. */
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

/** What several parts of a context store, as one. */
export const joinedData = (parts: readonly Pick<PersonalData, 'collect' | 'forget'>[]): PersonalData => ({
  collect: async (subject, read) => (await Promise.all(parts.map(({ collect }) => collect(subject, read)))).flat(),
  forget: async (subject) => {
    let erased: readonly ErasedPlace[] = [];
    for (const { forget } of parts) erased = erased.concat((await forget?.(subject)) ?? []);
    return erased;
  },
});
