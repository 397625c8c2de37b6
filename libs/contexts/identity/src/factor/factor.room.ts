import { perform } from '@daybook/server';
import type { IdentityParts, Room } from '../room.js';
import { ownProofFirst, reachesBeyond } from '../session/own-proof.js';
import { Passwords } from '../session/passwords.js';
import { forPerson as by } from '../session/session.room.js';
import { stepOfPerson } from '../session/steps.js';
import {
  addPasskey,
  addTotp,
  confirmTotp,
  listOwnFactors,
  makeRecoveryCodes,
  newPasskeyOptions,
  removePasskey,
  removeTotp,
  renamePerson,
  setOwnName,
} from './factor.operations.js';
import { OwnFactorKeeper } from './own-factors.js';

export function factorRoom(parts: IdentityParts): Room {
  const own = new OwnFactorKeeper(parts, new Passwords(parts.pool, parts.secret));
  return {
    bindings: [
      perform(
        listOwnFactors,
        by(async (personId, _, { caller }) => own.list(personId, await reachesBeyond(caller, parts.sessions))),
      ),
      perform(
        addTotp,
        by((personId) => own.addTotp(personId)),
      ),
      perform(
        confirmTotp,
        by((personId, { code }, asking) => own.confirmTotp(personId, code, asking)),
      ),
      perform(
        removeTotp,
        by((personId, _, asking) => own.removeTotp(personId, asking)),
      ),
      perform(
        makeRecoveryCodes,
        by((personId, _, asking) => own.makeCodes(personId, asking)),
      ),
      perform(
        newPasskeyOptions,
        by((personId) => own.passkeyOptions(personId)),
      ),
      perform(
        addPasskey,
        by((personId, input, asking) => own.addPasskey(personId, input, asking)),
      ),
      perform(
        removePasskey,
        by((personId, { passkeyId }, asking) => own.removePasskey(personId, passkeyId, asking)),
      ),
      perform(
        setOwnName,
        by(async (personId, { name }, asking) => {
          if (!(await reachesBeyond(asking.caller, parts.sessions))) return ownProofFirst();
          await stepOfPerson(asking, personId, renamePerson, { personId, name });
          return { changed: true as const };
        }),
      ),
    ],
  };
}
