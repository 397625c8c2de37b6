import type { Deps } from '../injected.js';
import { newId } from '@daybook/kernel';
import { inSchemaScope } from '@daybook/postgres';
import { raw } from '@mikro-orm/postgresql';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Assertion } from '../session/session.schema.js';
import { noteChange } from './credential-change.js';
import { type Passkey, PasskeyEntity } from './mfa.entities.js';
import { answered, created } from './passkey.schema.js';
import { ticketMinutes } from './tickets.js';
import { originOf, relyingParty, type RelyingParty } from './relying-party.js';

export interface PasskeyChallenge {
  readonly challenge: string;
}

/** COSE identifiers of EdDSA, ES256 and RS256 (RFC 9053, RFC 8812), which today's authenticators use. */
const algorithms = [-8, -7, -257];
const timeout = ticketMinutes * 60_000;
const idBytes = (personId: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.from(personId.replaceAll('-', ''), 'hex'));

/**
 * Passkeys (WebAuthn level 3), discoverable and always with user verification: the device, and the fingerprint or PIN that
 * unlocks it, are two factors. A challenge is valid once, for five minutes. A signature counter that does not increase means
 * that the key was cloned, and is refused.
 */
export class Passkeys {
  private readonly site: RelyingParty;

  constructor(private readonly deps: Deps<'em' | 'tickets' | 'publicUrl'>) {
    this.site = relyingParty(deps.publicUrl);
  }

  async creationOptions(person: { id: string; name: string | null; email: string | null }) {
    const known = await this.list(person.id);
    const options = await generateRegistrationOptions({
      rpName: 'Daybook',
      rpID: this.site.rpId,
      userID: idBytes(person.id),
      userName: person.email ?? person.id,
      userDisplayName: person.name ?? '',
      timeout,
      supportedAlgorithmIDs: algorithms,
      excludeCredentials: known.map(({ credentialId: id, transports }) => ({ id, transports })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
    const ticket = await this.deps.tickets.issue('passkey-create', person.id, { challenge: options.challenge });
    return { ticket, options: { ...options } };
  }

  /** The id of the new passkey; null if the answer does not match the challenge. */
  async add(personId: string, given: { ticket: string; name: string; response: unknown }): Promise<string | null> {
    const response = created.safeParse(given.response);
    const ticket = await this.deps.tickets.use('passkey-create', given.ticket);
    if (!response.success || ticket === null || ticket.personId !== personId) return null;
    const checked = await verifyRegistrationResponse({
      response: response.data,
      expectedChallenge: ticket.data.challenge,
      expectedOrigin: originOf(this.site, response.data.response.clientDataJSON),
      expectedRPID: this.site.rpId,
      requireUserVerification: true,
    }).catch(() => null);
    if (!checked?.verified) return null;
    const { credential, credentialBackedUp } = checked.registrationInfo;
    const passkeyId = newId();
    const passkey = {
      passkeyId,
      personId,
      credentialId: credential.id,
      publicKey: Buffer.from(credential.publicKey),
      counter: credential.counter,
      transports: response.data.response.transports ?? [],
      synced: credentialBackedUp,
      name: given.name,
    };
    return inSchemaScope(this.deps.em, 'identity', async (em) => {
      const insert = em.createQueryBuilder(PasskeyEntity).insert(passkey).onConflict('credentialId').ignore();
      if ((await insert.execute('run')).affectedRows === 0) return null;
      await noteChange(em, personId, 'passkey', 'added');
      return passkeyId;
    });
  }

  async assertionOptions() {
    const options = await generateAuthenticationOptions({
      rpID: this.site.rpId,
      userVerification: 'required',
      timeout,
    });
    const ticket = await this.deps.tickets.issue('passkey-get', null, { challenge: options.challenge });
    return { ticket, options: { ...options } };
  }

  /** The owner of the passkey that answered, or null. `expected`: the person that a password or session already identified. */
  async check(given: Assertion, expected: string | null = null): Promise<string | null> {
    const parsed = answered.safeParse(given.response);
    const ticket = await this.deps.tickets.use('passkey-get', given.ticket);
    if (!parsed.success || ticket === null) return null;
    const response = parsed.data;
    const stored = await inSchemaScope(this.deps.em, 'identity', (em) =>
      em.findOne(PasskeyEntity, { credentialId: response.id }),
    );
    if (!stored || (expected !== null && stored.personId !== expected)) return null;
    if (!sameUser(response.response.userHandle, stored.personId, expected !== null)) return null;
    const checked = await verifyAuthenticationResponse({
      response,
      expectedChallenge: ticket.data.challenge,
      expectedOrigin: originOf(this.site, response.response.clientDataJSON),
      expectedRPID: this.site.rpId,
      requireUserVerification: true,
      credential: {
        id: response.id,
        publicKey: Uint8Array.from(stored.publicKey),
        counter: stored.counter,
      },
    }).catch(() => null);
    if (!checked?.verified) return null;
    const { newCounter, credentialBackedUp } = checked.authenticationInfo;
    // The same counter twice at the same moment: one of the two authenticators is a clone.
    const older = newCounter === 0 ? { counter: 0 } : { counter: { $lt: newCounter } };
    const used = await inSchemaScope(this.deps.em, 'identity', (em) =>
      em.nativeUpdate(
        PasskeyEntity,
        { passkeyId: stored.passkeyId, ...older },
        { counter: newCounter, synced: credentialBackedUp, lastUsedAt: raw('now()') },
      ),
    );
    return used === 1 ? stored.personId : null;
  }

  list(personId: string): Promise<Passkey[]> {
    return inSchemaScope(this.deps.em, 'identity', (em) =>
      em.find(PasskeyEntity, { personId }, { orderBy: { createdAt: 'asc', passkeyId: 'asc' } }),
    );
  }
}

/** A discoverable passkey names its owner (user handle); as a second factor it may omit that. */
const sameUser = (handle: string | undefined, personId: string, known: boolean): boolean =>
  handle === undefined ? known : Buffer.from(handle, 'base64url').equals(Buffer.from(idBytes(personId)));
