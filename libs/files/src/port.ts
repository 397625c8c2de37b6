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

/** Content-addressed files, apart per tenant; kept as long as a record cites them (retention.ts). */
export interface Files {
  /** Streams to disk and hashes on the way; the same content again is the same file. A RejectionError `files.too-large` over the limit. */
  store(tenant: string, name: string, content: Readable): Promise<FileInfo>;
  info(tenant: string, sha256: string): Promise<FileInfo | null>;
  /** The same for who is about to cite it: from now on it is kept for the grace of uploads, and as long as it is cited. */
  keep(tenant: string, sha256: string): Promise<FileInfo | null>;
  open(tenant: string, sha256: string): Promise<Readable | null>;
  /** Lines `from` to `to` (1-based, inclusive, at most 50), for excerpts. */
  lines(tenant: string, sha256: string, from: number, to: number): Promise<{ number: number; text: string }[]>;
}
