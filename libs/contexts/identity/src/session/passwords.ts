import { type Algorithm, hash, verify as verifyHash } from '@node-rs/argon2';
import { inSchemaScope } from '@daybook/postgres';
import { type EntityManager, LockMode, raw } from '@mikro-orm/postgresql';
import { EmailLinkEntity } from '../email-link/email-link.entities.js';
import { noteChange } from '../mfa/credential-change.js';
import { hashOfToken } from '../opaque-token.js';
import { emailHash } from './secret-sealing.js';
import { CredentialEntity } from './session.entities.js';
import type { EndReason } from './session.schema.js';
import { type EndedSession, endIn } from './session-rows.js';
import type { Deps } from '../injected.js';

/** OWASP's first choice for Argon2id: 19 MiB, 2 passes. */
const cost = { algorithm: 2 as Algorithm.Argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const hashPassword = (password: string): Promise<string> => hash(password.normalize('NFKC'), cost);

/**
 * Is this still the person's password? Locks the row until the end of the transaction, so that a concurrent change happens
 * before or after it, and ends sessions that were opened in it.
 */
export async function isStillSet(em: EntityManager, { personId, setAt }: ProvedPassword): Promise<boolean> {
  const set = { personId, changedAt: setAt };
  return (await em.findOne(CredentialEntity, set, { lockMode: LockMode.PESSIMISTIC_READ })) !== null;
}

/**
 * Verified when there is no such person, so that the response takes as long as for a wrong password. A constant, so that the
 * first such response of a process takes no longer than later ones. The hash of a random password that was thrown away.
 */
export const hashOfNobody =
  '$argon2id$v=19$m=19456,t=2,p=1$OvRDKrTo8WZ7PpciR/jY5A$6ec0WX5yoNVt02qcSsEQoG0nbCF4MabctuCV81q0gn0';

/** The person, and which password of theirs: a sign-in with it fails once the password has changed. */
export interface ProvedPassword {
  readonly personId: string;
  /** When it was set, to the microsecond: different after each change. */
  readonly setAt: string;
}

export class Passwords {
  constructor(
    private readonly deps: Deps<'em' | 'secret'>,
    /** One Argon2 verification per attempt, for known and unknown people alike; a spec counts them. */
    private readonly verify: (hash: string, password: string) => Promise<boolean> = verifyHash,
  ) {}

  /** The person, or null, after the same work in both cases. */
  prove(email: string, password: string): Promise<ProvedPassword | null> {
    return this.compare({ emailHash: emailHash(this.deps.secret, email) }, password);
  }

  async check(email: string, password: string): Promise<string | null> {
    return (await this.prove(email, password))?.personId ?? null;
  }

  async checkOf(personId: string, password: string): Promise<string | null> {
    return (await this.compare({ personId }, password))?.personId ?? null;
  }

  /** Sets the first password; an existing one stays. Returns whether it was set. */
  async set(personId: string, email: string, password: string): Promise<boolean> {
    const first = {
      personId,
      emailHash: emailHash(this.deps.secret, email),
      passwordHash: await hashPassword(password),
    };
    const { affectedRows } = await inSchemaScope(this.deps.em, 'identity', (em) =>
      em.createQueryBuilder(CredentialEntity).insert(first).onConflict('personId').ignore().execute('run'),
    );
    return affectedRows === 1;
  }

  async has(personId: string): Promise<boolean> {
    return (await this.changedAt(personId)) !== null;
  }

  /** When the password was set last; null for a person without one. */
  async changedAt(personId: string): Promise<string | null> {
    return (await this.find({ personId }))?.changedAt ?? null;
  }

  /**
   * Sets a new password, ends all sessions but one, and deletes mailed links, because an intruder may have started to change
   * the address; `link` is being used, and stays until the change is recorded. One transaction, so that a crash leaves no
   * intruder in. Notes the change, and returns the ended sessions, for the caller to record.
   */
  async change(
    personId: string,
    password: string,
    {
      reason,
      except = null,
      link,
    }: { readonly reason: EndReason; readonly except?: string | null; readonly link?: string },
  ): Promise<EndedSession[]> {
    const passwordHash = await hashPassword(password);
    return inSchemaScope(this.deps.em, 'identity', async (em) => {
      await em.nativeUpdate(CredentialEntity, { personId }, { passwordHash, changedAt: raw('now()') });
      const others = link === undefined ? {} : { hash: { $ne: hashOfToken(link) } };
      await em.nativeDelete(EmailLinkEntity, {
        holderId: personId,
        purpose: { $in: ['email', 'password'] },
        ...others,
      });
      await noteChange(em, personId, 'password', 'changed');
      return endIn(em, { personId, ...(except === null ? {} : { sessionId: { $ne: except } }) }, reason);
    });
  }

  private async compare(whose: { emailHash: Buffer } | { personId: string }, password: string) {
    const row = await this.find(whose);
    const right = await this.verify(row?.passwordHash ?? hashOfNobody, password.normalize('NFKC'));
    return right && row ? { personId: row.personId, setAt: row.changedAt } : null;
  }

  private find(whose: { emailHash: Buffer } | { personId: string }) {
    return inSchemaScope(this.deps.em, 'identity', (em) => em.findOne(CredentialEntity, whose));
  }
}
