import { personalDataOf } from '@daybook/server';
import { Bindings } from '@daybook/server/dispatch/bindings';
import { sql } from 'kysely';
import { trail } from './trail.projection.js';

/** What a person did, for the copy of their data: counted per operation. The trail lists each act; a copy must end. */
export const trailPersonalData = personalDataOf({ bindings: Bindings }, ({ bindings }) => ({
  collect: async ({ personId }, read) => {
    const { rows } = await sql<{ operation: string; count: number; first: string; last: string }>`
      select t.operation, count(*)::int as count, min(t."recordedAt") as first, max(t."recordedAt") as last
      from ${read.rows(trail).as('t')} where t."actorId" = ${personId}
      group by t.operation order by t.operation`.execute(read.db);
    const items = rows.map((row) => ({ ...row, title: bindings.named(row.operation)?.title ?? row.operation }));
    return [{ name: 'actions', title: 'What was done, counted', items }];
  },
}));
