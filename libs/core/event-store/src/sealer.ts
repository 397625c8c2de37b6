/** Nothing more of this subject can be stored; says nothing of what it was. */
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
   * The same clear text of the same subject always gives the same sealed text, so that a retry appends the same bytes.
   * Throws SubjectErasedError once the subject is erased.
   */
  seal(tenant: string, subject: string, clear: string): Promise<string>;
  /** null once the subject is erased. */
  open(tenant: string, subject: string, sealed: string): Promise<string | null>;
  /** Fetches keys that will be asked for one after the other, all at once. */
  prefetch(subjects: readonly Subject[]): Promise<void>;
  /** Destroys the subject's key. Other processes hear of it at once (docs/operator.md says how, and what if they cannot). */
  erase(tenant: string, subject: string): Promise<void>;
  /**
   * For finding an equal value without keeping it: HMAC-SHA-256 as base64url, under a key of the tenant that lies in the
   * vault. It stays the same when the master key changes; write values in one form first (case, spaces).
   */
  blindIndex(tenant: string, value: string): Promise<string>;
}
