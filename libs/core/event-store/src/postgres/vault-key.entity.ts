import { Bytes } from '@daybook/postgres/column-types';
import { openPolicy, tenantPolicy } from '@daybook/postgres/row-security';
import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';

/** The key of one subject, wrapped with a master key. */
export const VaultKeyEntity = defineEntity({
  name: 'VaultKey',
  schema: 'vault',
  tableName: 'keys',
  properties: {
    tenant: p.uuid().primary(),
    subject: p.text().primary(),
    /** Null once erased. */
    wrapped: p.type(Bytes).nullable(),
    /** Id of the master key that wrapped it. */
    master: p.text().nullable(),
  },
  rowLevelSecurity: 'force',
  policies: [tenantPolicy('api', 'daybook_api', { checks: false }), openPolicy('projector')],
});
export type VaultKey = InferEntity<typeof VaultKeyEntity>;

export const vaultEntities = [VaultKeyEntity];
