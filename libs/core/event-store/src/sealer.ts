/** Nothing more about this subject can be stored. The message does not contain the value. */
export class SubjectErasedError extends Error {
  override readonly name = 'SubjectErasedError';
  constructor(subject: string) {
    super(`Personal data of ${subject} cannot be stored: the subject was erased.`);
  }
}

/** Whose key it is, in which tenant. */
export interface Subject {
  readonly tenant: string;
  readonly subject: string;
}

/** Seals personal data under a key per subject. Destroying the key erases what it sealed (crypto-shredding). */
export interface Sealer {
  /**
   * The same plain text of the same subject always gives the same sealed text, so that a retry appends the same bytes.
   * Throws SubjectErasedError once the subject is erased.
   */
  seal(tenant: string, subject: string, clear: string): Promise<string>;
  /** null once the subject is erased. */
  open(tenant: string, subject: string, sealed: string): Promise<string | null>;
  /** Fetches keys that are needed soon, in one query. */
  prefetch(subjects: readonly Subject[]): Promise<void>;
  /** Fetches, and makes where there are none, the keys of what is sealed next, together. */
  prepare(tenant: string, subjects: readonly string[]): Promise<void>;
  /** Destroys the subject's key. Other processes are notified at once (see docs/operator.md). */
  erase(tenant: string, subject: string): Promise<void>;
  /** Calls back after each erasure, by whichever process, and when one may have been missed. What was opened before is to be dropped. */
  onErasure(listener: () => void): void;
  /**
   * A hash for finding an equal value without storing it: HMAC-SHA-256 as base64url, under a key of the tenant in the vault. It
   * does not change with the master key. Normalise values first (case, spaces).
   */
  blindIndex(tenant: string, value: string): Promise<string>;
}
