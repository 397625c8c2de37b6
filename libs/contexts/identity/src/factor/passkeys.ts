import { newId } from '@daybook/kernel';
import { inRoom } from '@daybook/postgres';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { Pool, QueryResult, QueryResultRow } from 'pg';
import type { Assertion } from '../session/session.schema.js';
import { answered, created } from './passkey.schema.js';
import { Tickets, ticketMinutes } from './tickets.js';
import { originOf, type WebSite } from './web-site.js';

export interface PasskeyRow {
  readonly passkey_id: string;
  readonly name: string;
  readonly created_at: string;
  readonly last_used_at: string | null;
  readonly synced: boolean;
}
interface Stored {
  readonly passkey_id: string;
  readonly person_id: string;
  readonly public_key: Buffer;
  readonly counter: string;
}
interface Asked {
  readonly challenge: string;
}

/** COSE names of EdDSA, ES256 and RS256 (RFC 9053, RFC 8812): what authenticators make today. */
const algorithms = [-8, -7, -257];
const timeout = ticketMinutes * 60_000;
const idBytes = (personId: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.from(personId.replaceAll('-', ''), 'hex'));

/**
 * Passkeys (WebAuthn level 3), discoverable and always with user verification: the device that has the key, and the finger
 * or code that unlocks it, are two factors. A challenge is good once, for five minutes; a counter that does not go up says
 * that the key was copied, and is refused.
 */
export class Passkeys {
  private readonly gets: Tickets<Asked>;
  private readonly creates: Tickets<Asked>;

  constructor(
    private readonly pool: Pool,
    private readonly site: WebSite,
  ) {
    this.gets = new Tickets(pool, 'passkey-get');
    this.creates = new Tickets(pool, 'passkey-create');
  }

  async creationOptions(person: { id: string; name: string | null; email: string | null }) {
    const { rows } = await this.ask<{ credential_id: string; transports: string[] }>(
      'select credential_id, transports from identity.passkeys where person_id = $1',
      [person.id],
    );
    const options = await generateRegistrationOptions({
      rpName: 'Daybook',
      rpID: this.site.rpId,
      userID: idBytes(person.id),
      userName: person.email ?? person.id,
      userDisplayName: person.name ?? '',
      timeout,
      supportedAlgorithmIDs: algorithms,
      excludeCredentials: rows.map(({ credential_id: id, transports }) => ({ id, transports })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
    const ticket = await this.creates.issue(person.id, { challenge: options.challenge });
    return { ticket, options: options as unknown as Record<string, unknown> };
  }

  /** The id of the new passkey; null when the answer is not what was asked for. */
  async add(personId: string, given: { ticket: string; name: string; response: unknown }): Promise<string | null> {
    const response = created.safeParse(given.response);
    const ticket = await this.creates.use(given.ticket);
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
    const { rowCount } = await this.ask(
      `insert into identity.passkeys (passkey_id, person_id, credential_id, public_key, counter, transports, synced, name)
       values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (credential_id) do nothing`,
      [
        passkeyId,
        personId,
        credential.id,
        Buffer.from(credential.publicKey),
        credential.counter,
        response.data.response.transports ?? [],
        credentialBackedUp,
        given.name,
      ],
    );
    return rowCount === 1 ? passkeyId : null;
  }

  async assertionOptions() {
    const options = await generateAuthenticationOptions({
      rpID: this.site.rpId,
      userVerification: 'required',
      timeout,
    });
    const ticket = await this.gets.issue(null, { challenge: options.challenge });
    return { ticket, options: options as unknown as Record<string, unknown> };
  }

  /** Whose passkey answered, or null. `expected`: who has said already who he is, by a password or a session. */
  async check(given: Assertion, expected: string | null = null): Promise<string | null> {
    const parsed = answered.safeParse(given.response);
    const ticket = await this.gets.use(given.ticket);
    if (!parsed.success || ticket === null) return null;
    const response = parsed.data;
    const { rows } = await this.ask<Stored>(
      'select passkey_id, person_id, public_key, counter from identity.passkeys where credential_id = $1',
      [response.id],
    );
    const stored = rows[0];
    if (!stored || (expected !== null && stored.person_id !== expected)) return null;
    if (!sameUser(response.response.userHandle, stored.person_id, expected !== null)) return null;
    const checked = await verifyAuthenticationResponse({
      response,
      expectedChallenge: ticket.data.challenge,
      expectedOrigin: originOf(this.site, response.response.clientDataJSON),
      expectedRPID: this.site.rpId,
      requireUserVerification: true,
      credential: {
        id: response.id,
        publicKey: Uint8Array.from(stored.public_key),
        counter: Number(stored.counter),
      },
    }).catch(() => null);
    if (!checked?.verified) return null;
    const { newCounter, credentialBackedUp } = checked.authenticationInfo;
    // The same counter again at the same moment: one of the two is a copy.
    const { rowCount } = await this.ask(
      `update identity.passkeys set counter = $2, synced = $3, last_used_at = now()
       where passkey_id = $1 and (counter < $2 or (counter = 0 and $2 = 0))`,
      [stored.passkey_id, newCounter, credentialBackedUp],
    );
    return rowCount === 1 ? stored.person_id : null;
  }

  async list(personId: string): Promise<PasskeyRow[]> {
    const { rows } = await this.ask<PasskeyRow>(
      `select passkey_id, name, created_at, last_used_at, synced from identity.passkeys
       where person_id = $1 order by created_at, passkey_id`,
      [personId],
    );
    return rows;
  }

  async remove(personId: string, passkeyId: string): Promise<boolean> {
    const { rowCount } = await this.ask('delete from identity.passkeys where person_id = $1 and passkey_id = $2', [
      personId,
      passkeyId,
    ]);
    return rowCount === 1;
  }

  private ask<R extends QueryResultRow>(sql: string, values: unknown[]): Promise<QueryResult<R>> {
    return inRoom(this.pool, 'identity', (client) => client.query<R>(sql, values));
  }
}

/** A discoverable passkey says whose it is; as a second factor it may leave that out. */
const sameUser = (handle: string | undefined, personId: string, known: boolean): boolean =>
  handle === undefined ? known : Buffer.from(handle, 'base64url').equals(Buffer.from(idBytes(personId)));
