import type { Operation } from '@daybook/kernel';
import type { Context, Resources } from '@daybook/server';
import type { AccessFolds } from './access/folds.js';
import type { Memberships } from './access/memberships.js';
import type { Factors } from './factor/factors.js';
import type { Outbox } from './link/outbox.js';
import type { Admission } from './session/admission.js';
import type { SessionCheck } from './session/session-rows.js';
import type { SigningKeys } from './session/signing-keys.js';

/** What every room of identity is made from. */
export interface IdentityParts extends Resources {
  readonly keys: SigningKeys;
  /** The permissions of all operations, of all contexts; roles are made of them. One list, filled once at start. */
  readonly declared: () => readonly string[];
  /** All operations of all contexts. */
  readonly operations: () => readonly Operation[];
  /** The present rights of tenants. */
  readonly folds: AccessFolds;
  readonly memberships: Memberships;
  /** Is the session of a token still open? */
  readonly sessions: SessionCheck;
  /** Second factors and passkeys. */
  readonly factors: Factors;
  /** Messages to people, kept until they are sent. */
  readonly outbox: Outbox;
  /** The last steps of every way to sign in. */
  readonly admission: Admission;
}

/** What one room (sessions, roles, invitations …) brings; `identity.module.ts` adds them up. */
export type Room = Partial<Pick<Context, 'events' | 'bindings' | 'internal' | 'projections' | 'views' | 'jobs'>>;

export const joined = (rooms: readonly Room[]): Required<Room> => ({
  events: rooms.flatMap(({ events }) => events ?? []),
  bindings: rooms.flatMap(({ bindings }) => bindings ?? []),
  internal: rooms.flatMap(({ internal }) => internal ?? []),
  projections: rooms.flatMap(({ projections }) => projections ?? []),
  jobs: rooms.flatMap(({ jobs }) => jobs ?? []),
  views: Object.assign({}, ...rooms.map(({ views }) => views ?? {})),
});
