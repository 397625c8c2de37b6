import { inSchemaScope } from '@daybook/postgres';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import { hashOfToken, newOpaqueToken } from '../opaque-token.js';
import { noteChange } from '../mfa/credential-change.js';
import { isTaken } from '../person/person-by-email.js';
import { seal, unseal } from '../session/secret-sealing.js';
import { type Begun, begun } from './oidc.js';
import {
  SsoProviderDraftEntity,
  SsoProviderEntity,
  SsoAccountEntity,
  SsoStartEntity,
} from './sso-provider.entities.js';
import type { Deps } from '../injected.js';

const startMinutes = 10;
/** Maximum number of providers on a sign-in page. */
const maxOffered = 10;

/** A sign-in or a link that was started in a browser. */
export interface SsoStart {
  readonly providerId: string;
  /** The person who links an account; null for a sign-in. */
  readonly personId: string | null;
  readonly begun: Begun;
}
export interface SsoAccount {
  readonly providerId: string;
  readonly issuer: string;
  readonly subject: string;
}

/** The secret part of requested settings; the rest is in the command. */
export interface SsoProviderDraft {
  readonly draftId: string;
  readonly providerId: string;
  readonly tenant: string;
  readonly issuer: string;
  readonly clientSecret: string | null;
}
/** If approval takes longer, the secret has to be entered again. */
const draftDays = 90;

/** The plain tables of SSO: providers and their secrets, linked accounts, sign-ins that were started. */
export class SsoRows {
  constructor(private readonly deps: Deps<'em' | 'secret'>) {}

  /** The tenant and client secret of a provider; null if there is none. */
  async find(providerId: string): Promise<{ tenant: string; clientSecret: string | null } | null> {
    const row = await this.within((em) => em.findOne(SsoProviderEntity, { providerId }));
    if (!row) return null;
    const sealed = row.secretSealed ?? null;
    return {
      tenant: row.tenant,
      clientSecret: sealed && unseal(this.deps.secret, 'sso-secret', sealed).toString(),
    };
  }

  /** The providers of an e-mail domain, of all tenants; null: those without domains. */
  async of(domain: string | null): Promise<{ providerId: string; tenant: string }[]> {
    const where = domain === null ? { domains: raw(`'{}'`) } : { domains: { $contains: [domain] } };
    const rows = await this.within((em) =>
      em.find(SsoProviderEntity, where, { orderBy: { providerId: 'asc' }, limit: maxOffered }),
    );
    return rows.map(({ providerId, tenant }) => ({ providerId, tenant }));
  }

  /** Stores the secret of requested settings until they are applied or expire. */
  async draft({ draftId, providerId, tenant, issuer, clientSecret }: SsoProviderDraft): Promise<void> {
    const sealed = clientSecret === null ? null : seal(this.deps.secret, 'sso-secret', Buffer.from(clientSecret));
    await this.within(async (em) => {
      await em.nativeDelete(SsoProviderDraftEntity, { madeAt: { $lt: raw(`now() - interval '${draftDays} days'`) } });
      await em.insert(SsoProviderDraftEntity, { draftId, providerId, tenant, issuer, secretSealed: sealed });
    });
  }

  /** Whether there is a draft for these settings and this issuer. */
  async isDrafted({ draftId, providerId, tenant, issuer }: Omit<SsoProviderDraft, 'clientSecret'>): Promise<boolean> {
    const draft = { draftId, providerId, tenant, issuer };
    return (await this.within((em) => em.count(SsoProviderDraftEntity, draft))) > 0;
  }

  /** Applies the drafted settings. Idempotent. */
  async apply(providerId: string, tenant: string, draftId: string, domains: readonly string[]): Promise<void> {
    await this.within(async (em) => {
      const draft = await em.findOne(SsoProviderDraftEntity, { draftId, providerId, tenant });
      if (!draft) return;
      await em
        .createQueryBuilder(SsoProviderEntity)
        .insert({ providerId, tenant, secretSealed: draft.secretSealed ?? null, domains: [...domains] })
        .onConflict('providerId')
        .merge(['secretSealed', 'domains'])
        .where({ tenant })
        .execute('run');
    });
  }

  /** Removes the provider with its drafts; linked accounts and started sign-ins are deleted by cascade. */
  async remove(providerId: string, tenant: string): Promise<void> {
    await this.within(async (em) => {
      await em.nativeDelete(SsoProviderDraftEntity, { providerId, tenant });
      await em.nativeDelete(SsoProviderEntity, { providerId, tenant });
    });
  }

  /** Stores a started sign-in and answers the cookie for its browser. */
  async start({ providerId, personId, begun }: SsoStart): Promise<string> {
    const cookie = newOpaqueToken();
    const sealed = seal(this.deps.secret, 'sso-start', Buffer.from(JSON.stringify(begun)));
    await this.within(async (em) => {
      await em.nativeDelete(SsoStartEntity, { expiresAt: { $lt: raw('now()') } });
      const expiresAt = raw(`now() + interval '${startMinutes} minutes'`);
      await em.insert(SsoStartEntity, {
        hash: hashOfToken(cookie),
        provider: providerId,
        personId,
        sealed,
        expiresAt,
      });
    });
    return cookie;
  }
  readonly startSeconds = startMinutes * 60;

  /** The sign-in that the browser with this cookie started; works once. */
  async take(cookie: string): Promise<SsoStart | null> {
    const [row] = await this.within((em) =>
      em
        .createQueryBuilder(SsoStartEntity)
        .update({ usedAt: raw('now()') })
        .where({ hash: hashOfToken(cookie), usedAt: null, expiresAt: { $gt: raw('now()') } })
        .returning(['provider', 'personId', 'sealed'])
        .execute<{ provider: string; personId: string | null; sealed: Buffer }[]>('all'),
    );
    if (!row) return null;
    const clear = unseal(this.deps.secret, 'sso-start', row.sealed).toString();
    return { providerId: row.provider, personId: row.personId, begun: begun.parse(JSON.parse(clear)) };
  }

  async linkedPerson({ providerId, issuer, subject }: SsoAccount): Promise<string | null> {
    const account = { provider: providerId, issuer, subject };
    return (await this.within((em) => em.findOne(SsoAccountEntity, account)))?.personId ?? null;
  }

  /** false if the account is linked to somebody else, or the person to another account at the provider. */
  async link({ providerId, issuer, subject }: SsoAccount, personId: string): Promise<boolean> {
    try {
      await this.within(async (em) => {
        await em.insert(SsoAccountEntity, { provider: providerId, issuer, subject, personId });
        await noteChange(em, personId, 'sso-account', 'added');
      });
      return true;
    } catch (error) {
      if (isTaken(error)) return false;
      throw error;
    }
  }

  async unlink(providerId: string, personId: string): Promise<boolean> {
    return this.within(async (em) => {
      if ((await em.nativeDelete(SsoAccountEntity, { provider: providerId, personId })) === 0) return false;
      await noteChange(em, personId, 'sso-account', 'removed');
      return true;
    });
  }

  /** When the person linked an account, by provider. */
  async linksOf(personId: string): Promise<ReadonlyMap<string, string>> {
    const links = await this.within((em) => em.find(SsoAccountEntity, { personId }));
    return new Map(links.map(({ provider, linkedAt }) => [provider, linkedAt]));
  }

  /** Deletes the rows of an erased person; resolves to the number of linked accounts. */
  forget(personId: string): Promise<number> {
    return this.within(async (em) => {
      await em.nativeDelete(SsoStartEntity, { personId });
      return em.nativeDelete(SsoAccountEntity, { personId });
    });
  }

  private within<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    return inSchemaScope(this.deps.em, 'identity', work);
  }
}
