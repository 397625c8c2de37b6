import { calculateJwkThumbprint, type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import type { Pool } from 'pg';
import { seal, unseal } from './keys.js';

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
}

/** A retired key still verifies what it signed; longer than any token lives. */
const verifiesAfterRetirement = '1 hour';
const freshMs = 60_000;

interface Row {
  readonly kid: string;
  readonly public_jwk: JWK;
  readonly private_sealed: Buffer;
  readonly active: boolean;
}

/**
 * The ES256 key pair of access tokens: made once, by whichever process comes first, and kept sealed in the database, so
 * that all processes sign with one key and a restart ends no session.
 */
export class SigningKeys {
  private loaded: { at: number; rows: Row[] } | null = null;
  private signing: Promise<SigningKey> | null = null;

  constructor(
    private readonly pool: Pool,
    private readonly secret: string,
  ) {}

  active(): Promise<SigningKey> {
    this.signing ??= this.findOrMake().catch((error: unknown) => {
      this.signing = null;
      throw error;
    });
    return this.signing;
  }

  /** The public key of an id; null for one that is not ours. */
  async publicKey(kid: string): Promise<JWK | null> {
    const known = (rows: readonly Row[]) => rows.find((row) => row.kid === kid)?.public_jwk;
    return known(await this.rows()) ?? known(await this.rows(5_000)) ?? null;
  }

  /** RFC 7517, for `/.well-known/jwks.json`. */
  async jwks(): Promise<{ keys: JWK[] }> {
    return {
      keys: (await this.rows()).map(({ kid, public_jwk }) => ({ ...public_jwk, kid, alg: 'ES256', use: 'sig' })),
    };
  }

  /** An unknown kid asks again, but not more than once in a few seconds, whatever tokens are thrown at us. */
  private async rows(olderThanMs = freshMs): Promise<Row[]> {
    if (this.loaded && Date.now() - this.loaded.at < olderThanMs) return this.loaded.rows;
    const { rows } = await this.pool.query<Row>(
      `select kid, public_jwk, private_sealed, retired_at is null as active from identity.signing_keys
       where retired_at is null or retired_at > now() - interval '${verifiesAfterRetirement}' order by created_at`,
    );
    this.loaded = { at: Date.now(), rows };
    return rows;
  }

  private async findOrMake(): Promise<SigningKey> {
    let row = (await this.rows(0)).find(({ active }) => active);
    if (!row) {
      await this.make();
      row = (await this.rows(0)).find(({ active }) => active);
    }
    if (!row) throw new Error('No signing key could be made');
    const jwk = JSON.parse(unseal(this.secret, 'signing-key', row.private_sealed).toString()) as JWK;
    return { kid: row.kid, privateKey: (await importJWK(jwk, 'ES256')) as CryptoKey };
  }

  private async make(): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const publicJwk = await exportJWK(publicKey);
    const kid = await calculateJwkThumbprint(publicJwk);
    const sealed = seal(this.secret, 'signing-key', Buffer.from(JSON.stringify(await exportJWK(privateKey))));
    // Two processes at once: the second one's key is dropped, and both read the first one's.
    await this.pool.query(
      'insert into identity.signing_keys (kid, public_jwk, private_sealed) values ($1, $2, $3) on conflict do nothing',
      [kid, publicJwk, sealed],
    );
  }
}
