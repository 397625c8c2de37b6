import { type ContextPart, perform } from '@daybook/server';
import { deps } from '../injected.js';
import { credentialProofRequired, provesOwnCredential } from '../session/credential-proof.js';
import { forPerson as by } from '../session/session.part.js';
import { runForPerson } from '../session/internal-commands.js';
import {
  addPasskey,
  addTotp,
  confirmTotp,
  listOwnMfaMethods,
  generateRecoveryCodes,
  newPasskeyOptions,
  removePasskey,
  removeTotp,
  setOwnName,
} from './mfa.operations.js';
import { renamePerson } from './mfa.internal.js';
import { OwnMfa } from './own-mfa.js';

const using = { own: OwnMfa, ...deps('sessions') } as const;

export const mfaPart: ContextPart = {
  bindings: [
    perform(
      listOwnMfaMethods,
      using,
      by(async (personId, _, { caller }, { own, sessions }) =>
        own.list(personId, await provesOwnCredential(caller, sessions)),
      ),
    ),
    perform(
      addTotp,
      using,
      by((personId, _input, _asking, { own }) => own.addTotp(personId)),
    ),
    perform(
      confirmTotp,
      using,
      by((personId, { code }, asking, { own }) => own.confirmTotp(personId, code, asking)),
    ),
    perform(
      removeTotp,
      using,
      by((personId, _, asking, { own }) => own.removeTotp(personId, asking)),
    ),
    perform(
      generateRecoveryCodes,
      using,
      by((personId, _, asking, { own }) => own.makeCodes(personId, asking)),
    ),
    perform(
      newPasskeyOptions,
      using,
      by((personId, _input, _asking, { own }) => own.passkeyOptions(personId)),
    ),
    perform(
      addPasskey,
      using,
      by((personId, input, asking, { own }) => own.addPasskey(personId, input, asking)),
    ),
    perform(
      removePasskey,
      using,
      by((personId, { passkeyId }, asking, { own }) => own.removePasskey(personId, passkeyId, asking)),
    ),
    perform(
      setOwnName,
      using,
      by(async (personId, { name }, asking, { sessions }) => {
        if (!(await provesOwnCredential(asking.caller, sessions))) return credentialProofRequired();
        await runForPerson(asking, personId, renamePerson, { personId, name });
        return { changed: true as const };
      }),
    ),
  ],
};
