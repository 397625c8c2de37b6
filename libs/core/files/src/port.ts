import type { Readable } from 'node:stream';

/** Largest upload, in bytes. */
export const maxFileBytes = 2_000_000_000;

export interface FileInfo {
  /** Lower-case hex SHA-256 of the content: the file's id within its tenant. */
  readonly sha256: string;
  readonly size: number;
  readonly name: string;
  readonly storedAt: string;
}

/** What one person or key uploaded: their own name of the content, and when. */
export interface Upload {
  readonly name: string;
  readonly storedAt: string;
  /** Position of the event by which a record came to cite it; null until then. */
  readonly cited: bigint | null;
}

/** Content-addressed files, apart per tenant; kept as long as a record cites them (retention.ts). */
export interface Files {
  /** Streams to disk and hashes on the way; the same content again is the same file. A RejectionError `files.too-large` over the limit. */
  store(tenant: string, name: string, content: Readable, uploader: string): Promise<FileInfo>;
  /** What that person or key uploaded of this content; null for nothing. */
  upload(tenant: string, sha256: string, uploader: string): Promise<Upload | null>;
  /** A record cites the file from this position on: it is readable by those who may read the record. */
  cite(tenant: string, sha256: string, position: bigint): Promise<void>;
  /** Deletes what is kept about their uploads; the content stays with the records that cite it. Answers how many there were. */
  forget(tenant: string, uploader: string): Promise<number>;
  /** Without asking who may read it. */
  info(tenant: string, sha256: string): Promise<FileInfo | null>;
  /** The same for who is about to cite it: from now on it is kept for the grace of uploads, and as long as it is cited. */
  keep(tenant: string, sha256: string): Promise<FileInfo | null>;
  open(tenant: string, sha256: string): Promise<Readable | null>;
  /** Lines `from` to `to` (1-based, inclusive, at most 50), for excerpts. */
  lines(tenant: string, sha256: string, from: number, to: number): Promise<{ number: number; text: string }[]>;
}
