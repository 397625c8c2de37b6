import { Bytes, Instant } from '@daybook/postgres/column-types';
import { scopedTable } from '@daybook/postgres/row-security';
import { defineEntity, p } from '@mikro-orm/postgresql';

export const MailEntity = defineEntity({
  name: 'Mail',
  tableName: 'outbox',
  ...scopedTable('mail', { erasable: true }),
  properties: {
    id: p.uuid().primary(),
    /** AES-256-GCM under a key derived from the secret: the message with its recipient and link, or template and value. */
    sealed: p.type(Bytes),
    madeAt: p.type(Instant).defaultRaw('now()'),
    /** Given up after this moment. */
    until: p.type(Instant),
    tries: p.integer().default(0),
    nextAt: p.type(Instant).defaultRaw('now()'),
    /** Its id is kept after it was sent, with nothing sealed, until `nextAt`, so that it is not put again. */
    once: p.boolean().default(false),
  },
  indexes: [{ name: 'outbox_next_at_idx', properties: ['nextAt'] }],
});
export const mailEntities = [MailEntity];
