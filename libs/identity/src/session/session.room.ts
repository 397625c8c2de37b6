import { reject } from '@daybook/kernel';
import { perform } from '@daybook/server';
import type { IdentityParts, Room } from '../room.js';
import { changeOwnPassword, closeSession, openSession, readSession, refreshSession } from './session.operations.js';
import { Sessions } from './sessions.js';

export function sessionRoom(parts: IdentityParts): Room {
  const sessions = new Sessions(parts, parts.keys, parts.declared);
  return {
    bindings: [
      perform(openSession, (input, asking) => sessions.open(input, asking)),
      perform(refreshSession, (input, asking) => sessions.refresh(input, asking)),
      perform(closeSession, (_, asking) => sessions.close(asking)),
      perform(readSession, (_, asking) => sessions.read(asking)),
      perform(changeOwnPassword, (input, asking) =>
        asking.caller.actor.kind === 'person'
          ? sessions.changePassword(input, asking)
          : Promise.resolve(reject('identity.no-person', 'Only a person has a password.', { status: 403 })),
      ),
    ],
  };
}
