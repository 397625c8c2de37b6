import { createPublicKey, type KeyObject } from 'node:crypto';
import { inSchemaScope } from '@daybook/postgres';
import { calculateJwkThumbprint, type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { seal, unseal } from './secret-sealing.js';
import { SigningKeyEntity, type SigningKeyRow as Row } from './session.entities.js';
import type { Deps } from '../injected.js';

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
}

const minute = 60_000;
/** A key signs this long. */
export const signsForMs = 90 * 24 * 60 * minute;
/** Published before it signs, so that clients that cache our keys (for five minutes, by our header) know it in time. */
export const publishedBeforeMs = 10 * minute;
/** A key still verifies what it signed; longer than any token lives. */
export const verifiesAfterMs = 60 * minute;
const freshMs = minute;

/**
 * The ES256 key pairs of access tokens, stored sealed in the database, so that all processes sign with one key and a restart
 * ends no session. They rotate after 90 days; the next key is published before it signs.
 */
export class SigningKeys {
  private loaded: { at: number; rows: Row[] } | null = null;
  private loading: Promise<Row[]> | null = null;
  private readonly opened = new Map<string, Promise<CryptoKey>>();
  private readonly publicKeys = new Map<string, KeyObject>();

  constructor(
    private readonly deps: Deps<'em' | 'secret'>,
    private readonly now: () => number = Date.now,
  ) {}

  async active(): Promise<SigningKey> {
    const row = this.signing(await this.rows()) ?? (await this.first());
    const known = this.opened.get(row.kid) ?? this.open(row);
    this.opened.set(row.kid, known);
    known.catch(() => this.opened.delete(row.kid));
    return { kid: row.kid, privateKey: await known };
  }

  /** The public key of an id; null for one that is not ours, or signs and verifies no longer. */
  async publicKey(kid: string): Promise<KeyObject | null> {
    const known = (rows: readonly Row[]) => this.published(rows).find((row) => row.kid === kid);
    const row = known(await this.rows()) ?? known(await this.rows(5_000));
    return row ? this.keyOf(row) : null;
  }

  /** Made once: an id is the thumbprint of its key, so that the same id is the same key. */
  private keyOf({ kid, publicJwk }: Row): KeyObject {
    const key = this.publicKeys.get(kid) ?? createPublicKey({ key: publicJwk, format: 'jwk' });
    this.publicKeys.set(kid, key);
    return key;
  }

  /** RFC 7517, for `/.well-known/jwks.json`. */
  async jwks(): Promise<{ keys: JWK[] }> {
    return {
      keys: this.published(await this.rows()).map(({ kid, publicJwk }) => ({
        ...publicJwk,
        kid,
        alg: 'ES256',
        use: 'sig',
      })),
    };
  }

  /** The newest key that may sign. */
  private signing(rows: readonly Row[]): Row | undefined {
    return rows.filter(({ signsFrom }) => Date.parse(signsFrom) <= this.now()).at(-1);
  }

  /** All keys except those whose successor has signed for longer than a token lives. */
  private published(rows: readonly Row[]): Row[] {
    return rows.filter((_, index) => {
      const follower = rows[index + 1];
      return !follower || Date.parse(follower.signsFrom) + verifiesAfterMs > this.now();
    });
  }

  /** An unknown kid reloads the keys, but at most once every few seconds. */
  private rows(olderThanMs = freshMs): Promise<Row[]> {
    if (this.loaded && this.now() - this.loaded.at < olderThanMs) return Promise.resolve(this.loaded.rows);
    this.loading ??= this.load().finally(() => (this.loading = null));
    return this.loading;
  }

  private async load(): Promise<Row[]> {
    let rows = await this.read();
    const newest = rows.at(-1);
    if (newest && Date.parse(newest.signsFrom) + signsForMs - publishedBeforeMs <= this.now()) {
      await this.make(newest.generation + 1, this.now() + publishedBeforeMs);
      rows = await this.read();
    }
    this.loaded = { at: this.now(), rows };
    return rows;
  }

  private read(): Promise<Row[]> {
    return inSchemaScope(this.deps.em, 'identity', (em) =>
      em.findAll(SigningKeyEntity, { orderBy: { generation: 'asc' } }),
    );
  }

  private async first(): Promise<Row> {
    // A little before now, because clocks of processes differ.
    await this.make(1, this.now() - minute);
    const row = this.signing(await this.rows(0));
    if (!row) throw new Error('No signing key could be made');
    return row;
  }

  private async open(row: Row): Promise<CryptoKey> {
    const jwk = JSON.parse(unseal(this.deps.secret, 'signing-key', row.privateSealed).toString()) as JWK;
    return (await importJWK(jwk, 'ES256')) as CryptoKey;
  }

  /** If two processes insert at once, the second key is dropped and both read the first. Deletes keys that are no longer needed. */
  private async make(generation: number, signsFrom: number): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const publicJwk = await exportJWK(publicKey);
    const kid = await calculateJwkThumbprint(publicJwk);
    const privateSealed = seal(
      this.deps.secret,
      'signing-key',
      Buffer.from(JSON.stringify(await exportJWK(privateKey))),
    );
    await inSchemaScope(this.deps.em, 'identity', async (em) => {
      await em
        .createQueryBuilder(SigningKeyEntity)
        .insert({ kid, publicJwk, privateSealed, generation, signsFrom: new Date(signsFrom).toISOString() })
        .onConflict('generation')
        .ignore()
        .execute('run');
      await em.nativeDelete(SigningKeyEntity, { generation: { $lt: generation - 1 } });
    });
  }
}
