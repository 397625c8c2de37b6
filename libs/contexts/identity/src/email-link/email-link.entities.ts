import { Bytes, Instant } from '@daybook/postgres/column-types';
import { scopedTable } from '@daybook/postgres/row-security';
import { defineEntity, p } from '@mikro-orm/postgresql';

export const EmailLinkEntity = defineEntity({
  name: 'EmailLink',
  tableName: 'email_links',
  ...scopedTable('identity', { erasable: true }),
  properties: {
    /** SHA-256 of the token, which has 256 random bits and is only in the mail. */
    hash: p.type(Bytes).primary(),
    purpose: p.text(),
    /** A person; for an invitation, the invitation. */
    holderId: p.uuid(),
    tenant: p.uuid(),
    /** AES-256-GCM under a key derived from the secret: it may hold an address. */
    sealed: p.type(Bytes),
    madeAt: p.type(Instant).defaultRaw('now()'),
    expiresAt: p.type(Instant),
    /** A request works with the link until then. */
    usedUntil: p.type(Instant).nullable(),
    usedAt: p.type(Instant).nullable(),
  },
  indexes: [
    { name: 'email_links_person_id_idx', properties: ['holderId'] },
    { name: 'email_links_expires_at_idx', properties: ['expiresAt'] },
  ],
});

export const MailCountEntity = defineEntity({
  name: 'MailCount',
  tableName: 'mail_counts',
  ...scopedTable('identity'),
  properties: {
    /** HMAC of the limited thing: a mailbox, a tenant, a person, a network address. */
    key: p.type(Bytes).primary(),
    /** The level of the leaky bucket at `at`, in mails; `at` is in milliseconds by the clock of the process. */
    level: p.double().$type<number>(),
    at: p.double().$type<number>(),
  },
  indexes: [{ name: 'mail_counts_at_idx', properties: ['at'] }],
});

export const emailLinkEntities = [EmailLinkEntity, MailCountEntity];
