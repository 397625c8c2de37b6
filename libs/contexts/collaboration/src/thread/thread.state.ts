import type { TagStatus } from '../tag/tag.published.js';
import type { ThreadRecord } from './thread.schema.js';

/** What people add to one record. Absent until the first of it. */
export interface ThreadState {
  readonly record: ThreadRecord | null;
  readonly comments: ReadonlyMap<string, CommentState>;
  /** Persons who are notified of changes. */
  readonly followers: ReadonlySet<string>;
  readonly tags: ReadonlySet<string>;
  readonly attachments: ReadonlyMap<string, AttachmentState>;
  readonly tasks: ReadonlyMap<string, TaskState>;
  /** Counts followers and tags that came and went. */
  readonly version: number;
}
export interface CommentState {
  readonly author: string;
  /** null once its author is erased. */
  readonly text: string | null;
  readonly isWithdrawn: boolean;
  readonly version: number;
}
export interface AttachmentState {
  readonly sha256: string;
  readonly version: number;
}
export interface TaskState {
  readonly personId: string;
  readonly dueAt: string;
  readonly isDone: boolean;
  /** Its day came before it was done. */
  readonly wasDue: boolean;
  readonly version: number;
}
export const noThread: ThreadState = {
  record: null,
  comments: new Map(),
  followers: new Set(),
  tags: new Set(),
  attachments: new Map(),
  tasks: new Map(),
  version: 0,
};

/** What every command on a thread is decided by, besides the thread itself. */
export interface ThreadFacts {
  /** Named persons who may not read the record; who acts may, or there is no decision. */
  readonly outsiders: readonly string[];
  /** The tag that a command names. */
  readonly tag?: TagStatus;
}
