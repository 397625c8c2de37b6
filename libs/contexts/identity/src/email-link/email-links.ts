import { isRejection, partyType, reject, type Rejection } from '@daybook/kernel';
import { inSchemaScope } from '@daybook/postgres';
import { raw } from '@mikro-orm/postgresql';
import * as z from 'zod';
import { hashOfToken, newOpaqueToken } from '../opaque-token.js';
import { seal, unseal } from '../session/secret-sealing.js';
import { EmailLinkEntity } from './email-link.entities.js';
import type { Deps } from '../injected.js';

/** The purposes of links, and the data each one carries. Stored sealed, and deleted with the link. */
export const carries = {
  invitation: z.object({
    invitationId: z.uuid(),
    email: z.string(),
    invitedBy: z.uuid(),
    grant: z.object({
      role: z.string(),
      companyId: z.uuid().optional(),
      partyType: partyType.optional(),
      party: z.string().optional(),
      until: z.string().optional(),
    }),
  }),
  password: z.object({}),
  email: z.object({ email: z.string() }),
};
export type EmailLinkPurpose = keyof typeof carries;
export type Carried<P extends EmailLinkPurpose> = z.infer<(typeof carries)[P]>;

export interface EmailLink<P extends EmailLinkPurpose> {
  /** The person whose account it is about; for an invitation, the invitation. */
  readonly holderId: string;
  readonly tenant: string;
  readonly carried: Carried<P>;
}

interface Row {
  readonly holderId: string;
  readonly tenant: string;
  readonly sealed: Buffer;
}

/** Longer than any work of a link; after a crash within the work the link is valid again. */
const leaseSeconds = 60;
const sealedFor = (purpose: EmailLinkPurpose): string => `link ${purpose}`;
const goodLink = (purpose: EmailLinkPurpose, token: string) => ({
  hash: hashOfToken(token),
  purpose,
  usedAt: null,
  expiresAt: { $gt: raw('now()') },
  $or: [{ usedUntil: null }, { usedUntil: { $lte: raw('now()') } }],
});

/** The same answer for a link that was used, expired, replaced, made up, or is for another purpose. */
export const emailLinkInvalid = (): Rejection =>
  reject(
    'identity.email-link-invalid',
    'This link is no longer valid: it was used, has expired, or was replaced by a newer one. Ask for a new one.',
    { status: 404 },
  );

/**
 * Single-use links. The token is random and opaque; the database holds only its hash, so that nobody who reads it can use a
 * link. A newer link of the same purpose, holder and tenant replaces the previous one.
 */
export class EmailLinks {
  constructor(private readonly deps: Deps<'em' | 'secret'>) {}

  /** Creates a link and answers its token. */
  async make<P extends EmailLinkPurpose>(
    link: EmailLink<P> & { readonly purpose: P; readonly minutes: number },
  ): Promise<string> {
    const token = newOpaqueToken();
    const { purpose, holderId, tenant, minutes } = link;
    const sealed = seal(this.deps.secret, sealedFor(purpose), Buffer.from(JSON.stringify(link.carried)));
    await inSchemaScope(this.deps.em, 'identity', async (em) => {
      // SQL: serialised per holder, so that one of two simultaneous links replaces the other.
      await em.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [`${purpose} ${holderId}`]);
      await em.nativeDelete(EmailLinkEntity, {
        $or: [{ expiresAt: { $lt: raw('now()') } }, { purpose, holderId, tenant }],
      });
      const expiresAt = raw('now() + make_interval(mins => ?)', [minutes]);
      await em.insert(EmailLinkEntity, { hash: hashOfToken(token), purpose, holderId, tenant, sealed, expiresAt });
    });
    return token;
  }

  /** The data of a valid link, without using it. */
  async look<P extends EmailLinkPurpose>(purpose: P, token: string): Promise<EmailLink<P> | Rejection> {
    const row = await inSchemaScope(this.deps.em, 'identity', (em) =>
      em.findOne(EmailLinkEntity, goodLink(purpose, token)),
    );
    return this.opened(purpose, row);
  }

  /**
   * Uses the link for the work, once, also under concurrent requests. If the work is rejected or fails, the link stays valid,
   * so that a person whose new password was rejected does not need another mail. If the process dies in it, the link is valid
   * again after a minute.
   */
  async spend<P extends EmailLinkPurpose, T>(
    purpose: P,
    token: string,
    work: (link: EmailLink<P>) => Promise<T | Rejection>,
  ): Promise<T | Rejection> {
    const [row] = await inSchemaScope(this.deps.em, 'identity', (em) =>
      em
        .createQueryBuilder(EmailLinkEntity)
        .update({ usedUntil: raw('now() + make_interval(secs => ?)', [leaseSeconds]) })
        .where(goodLink(purpose, token))
        .returning(['holderId', 'tenant', 'sealed'])
        .execute<Row[]>('all'),
    );
    const link = this.opened(purpose, row ?? null);
    if (isRejection(link)) return link;
    let done = false;
    try {
      const answer = await work(link);
      done = !isRejection(answer);
      return answer;
    } finally {
      await (done ? this.use(token) : this.giveBack(token));
    }
  }

  /** Deletes the links of a person or an invitation, for these purposes or for all. */
  async forget(
    holderId: string,
    purposes: readonly EmailLinkPurpose[] = Object.keys(carries) as EmailLinkPurpose[],
  ): Promise<number> {
    return inSchemaScope(this.deps.em, 'identity', (em) =>
      em.nativeDelete(EmailLinkEntity, { holderId, purpose: { $in: [...purposes] } }),
    );
  }

  private opened<P extends EmailLinkPurpose>(purpose: P, row: Row | null): EmailLink<P> | Rejection {
    if (!row) return emailLinkInvalid();
    const clear = unseal(this.deps.secret, sealedFor(purpose), row.sealed).toString();
    return {
      holderId: row.holderId,
      tenant: row.tenant,
      carried: carries[purpose].parse(JSON.parse(clear)) as Carried<P>,
    };
  }

  /** Marks the link as used and empties its data; the row stays until the link would have expired. */
  private async use(token: string): Promise<void> {
    await inSchemaScope(this.deps.em, 'identity', (em) =>
      em.nativeUpdate(EmailLinkEntity, { hash: hashOfToken(token) }, { usedAt: raw('now()'), sealed: Buffer.alloc(0) }),
    );
  }

  private async giveBack(token: string): Promise<void> {
    await inSchemaScope(this.deps.em, 'identity', (em) =>
      em.nativeUpdate(EmailLinkEntity, { hash: hashOfToken(token) }, { usedUntil: null }),
    );
  }
}
