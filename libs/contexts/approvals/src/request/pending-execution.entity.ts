import { Instant } from '@daybook/postgres/column-types';
import { scopedTable } from '@daybook/postgres/row-security';
import { defineEntity, p } from '@mikro-orm/postgresql';

export const PendingExecutionEntity = defineEntity({
  name: 'PendingExecution',
  tableName: 'pending_executions',
  ...scopedTable('approvals'),
  properties: {
    tenant: p.uuid().primary(),
    requestId: p.uuid().primary(),
    tries: p.integer().default(0),
    nextAt: p.type(Instant),
  },
  indexes: [{ name: 'pending_executions_next_at_idx', properties: ['nextAt'] }],
});
