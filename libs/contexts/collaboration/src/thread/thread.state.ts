import type { ThreadRecord } from './thread.schema.js';

/** What people add to one record. Absent until the first of it. */
export interface ThreadState {
  readonly record: ThreadRecord | null;
  readonly comments: ReadonlyMap<string, CommentState>;
  /** Persons who are told of changes. */
  readonly followers: ReadonlySet<string>;
  /** Counts followers that came and went. */
  readonly version: number;
}
export interface CommentState {
  readonly author: string;
  /** null once its author is erased. */
  readonly text: string | null;
  readonly isWithdrawn: boolean;
  readonly version: number;
}
export const noThread: ThreadState = { record: null, comments: new Map(), followers: new Set(), version: 0 };

/** What every command on a thread is decided by, besides the thread itself. */
export interface ThreadFacts {
  /** Mentioned persons who may not read the record; who acts may, or there is no decision. */
  readonly outsiders: readonly string[];
}
