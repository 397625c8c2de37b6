import type { Context, Resources } from '@daybook/server';
import type { SigningKeys } from './session/signing-keys.js';

/** What every room of identity is made from. */
export interface IdentityParts extends Resources {
  readonly keys: SigningKeys;
  /** The permissions of all operations, of all contexts; roles are made of them. */
  readonly declared: () => Iterable<string>;
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
