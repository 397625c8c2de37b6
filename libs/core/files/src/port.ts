import type { Readable } from 'node:stream';

/** Maximum size of an upload in bytes. */
export const maxFileBytes = 2_000_000_000;

export interface FileInfo {
  /** Lower-case hexadecimal SHA-256 of the content: the id of the file within its tenant. */
  readonly sha256: string;
  readonly size: number;
  readonly name: string;
  readonly storedAt: string;
}

/** The upload of one person or API key: their name for the file, and when. */
export interface Upload {
  readonly name: string;
  readonly storedAt: string;
  /** Position of the event from which a record cites it; null when none does. */
  readonly cited: bigint | null;
}

/** The uploader of an export's file is this and the id of the export: who is in it does not follow from who made it. */
export const exportUploader = 'export ';

/** Content-addressed files, separate per tenant; kept while a record cites them (retention.ts). */
export interface Files {
  /** Streams to disk and computes the hash; the same content is the same file. Throws a RejectionError `files.too-large`. */
  store(tenant: string, name: string, content: Readable, uploader: string): Promise<FileInfo>;
  /** The upload of this content by that person or API key, if any. */
  upload(tenant: string, sha256: string, uploader: string): Promise<Upload | null>;
  /** Marks that a record cites the file from this position on: those who may read the record may read it. */
  cite(tenant: string, sha256: string, position: bigint): Promise<void>;
  /**
   * Deletes the uploads of a person who is erased, and those of all exports of the tenant, since any may name them: nobody gets
   * these any more. The content stays with the records that cite it, else it goes as unused. Returns how many.
   */
  forget(tenant: string, uploader: string): Promise<number>;
  /** Does not check who may read it. */
  info(tenant: string, sha256: string): Promise<FileInfo | null>;
  /** Also renews its retention, for a caller that is about to cite it. */
  keep(tenant: string, sha256: string): Promise<FileInfo | null>;
  open(tenant: string, sha256: string): Promise<Readable | null>;
  /** Lines `from` to `to` (1-based, inclusive; at most 50), for excerpts. */
  lines(tenant: string, sha256: string, from: number, to: number): Promise<{ number: number; text: string }[]>;
}
