/** Seals personal data per subject (DECISIONS 8): whoever erases the subject's key erases what it sealed. */
export interface Sealer {
  /** The same clear text of the same subject always gives the same sealed text, so that a retry appends the same bytes. */
  seal(tenant: string, subject: string, clear: string): Promise<string>;
  /** null once the subject is erased. */
  open(tenant: string, subject: string, sealed: string): Promise<string | null>;
  /** Other processes may still hold the key for a minute. */
  erase(tenant: string, subject: string): Promise<void>;
}
