import type { FieldError } from '@daybook/kernel';
import { inTenantScope, statement } from '@daybook/postgres';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { PersonalData } from '../personal-data.js';
import { type Import, ImportEntity, ImportRowEntity, ImportTemplateEntity, type RowCommand } from './import.entity.js';
import type { ImportMapping, RowState } from './import.operations.js';

/* Imports and their rows, in plain tables. All that is written of a row says where it stands, so that a run goes on from there. */
export interface ImportRow {
  readonly record: number;
  readonly line: number;
  readonly cells: readonly string[];
  readonly state: RowState;
  readonly command: RowCommand | null;
  readonly result: { readonly id: string; readonly version: number } | null;
  readonly errors: readonly FieldError[];
}
export type RowChange = Pick<ImportRow, 'record' | 'state'> & Partial<Pick<ImportRow, 'result' | 'errors'>>;

/** Of one command, in a tenant. */
export const mostTemplates = 200;

export class ImportRows {
  constructor(private readonly em: EntityManager) {}

  create = (tenant: string, made: Omit<Import, 'tenant' | 'header' | 'startedAt'>): Promise<void> =>
    inTenantScope(this.em, tenant, async (em) => {
      await em
        .createQueryBuilder(ImportEntity)
        .insert({ tenant, ...made })
        .onConflict(['tenant', 'id'])
        .ignore()
        .execute('run');
    });

  find = (tenant: string, id: string): Promise<Import | null> =>
    inTenantScope(this.em, tenant, (em) => em.findOne(ImportEntity, { tenant, id }));

  /** `job`: only if that is still the one that works on it. Answers whether it was changed. */
  change = (
    tenant: string,
    id: string,
    to: Partial<Pick<Import, 'phase' | 'job' | 'header'>>,
    job?: string,
  ): Promise<boolean> =>
    inTenantScope(this.em, tenant, async (em) => {
      const changed = await em.nativeUpdate(ImportEntity, { tenant, id, ...(job === undefined ? {} : { job }) }, to);
      return changed > 0;
    });

  /** What an earlier attempt left of a rehearsal. */
  clear = (tenant: string, importId: string): Promise<number> =>
    inTenantScope(this.em, tenant, (em) => em.nativeDelete(ImportRowEntity, { tenant, importId }));

  add = (tenant: string, importId: string, rows: readonly ImportRow[]): Promise<void> =>
    inTenantScope(this.em, tenant, async (em) => {
      await em
        .createQueryBuilder(ImportRowEntity)
        .insert(rows.map((row) => ({ tenant, importId, ...row })))
        .execute('run');
    });

  /** Rows in these states, in the order of the file or from its end. */
  rows = (
    tenant: string,
    importId: string,
    {
      states,
      after,
      limit,
      backwards = false,
    }: { states?: readonly RowState[] | undefined; after: number | null; limit: number; backwards?: boolean },
  ): Promise<ImportRow[]> =>
    inTenantScope(this.em, tenant, async (em) => {
      const place = after === null ? {} : { record: backwards ? { $lt: after } : { $gt: after } };
      const found = await em.find(
        ImportRowEntity,
        { tenant, importId, ...(states ? { state: { $in: [...states] } } : {}), ...place },
        { orderBy: { record: backwards ? 'desc' : 'asc' }, limit },
      );
      return found.map(({ record, line, cells, state, command = null, result = null, errors }) => ({
        record,
        line,
        cells,
        state,
        command,
        result,
        errors,
      }));
    });

  settle = (tenant: string, importId: string, changes: readonly RowChange[]): Promise<void> =>
    inTenantScope(this.em, tenant, async (em) => {
      // One statement for all of them.
      await statement(
        em,
        `update platform.import_rows r set state = c.state, result = coalesce(c.result, r.result), errors = coalesce(c.errors, r.errors)
         from jsonb_to_recordset($3::jsonb) as c(record int, state text, result jsonb, errors jsonb)
         where r.tenant = $1 and r.import_id = $2 and r.record = c.record`,
        [tenant, importId, JSON.stringify(changes)],
      );
    });

  counts = (
    tenant: string,
    importId: string,
  ): Promise<{ state: RowState; does: RowCommand['does'] | null; count: number }[]> =>
    inTenantScope(this.em, tenant, (em) =>
      statement<{ state: RowState; does: RowCommand['does'] | null; count: number }>(
        em,
        `select state, command->>'does' as does, count(*)::int as count from platform.import_rows
         where tenant = $1 and import_id = $2 group by 1, 2`,
        [tenant, importId],
      ),
    );

  templates = (tenant: string, operation: string): Promise<{ name: string; mapping: ImportMapping }[]> =>
    inTenantScope(this.em, tenant, (em) =>
      em.find(ImportTemplateEntity, { tenant, operation }, { orderBy: { name: 'asc' }, limit: mostTemplates }),
    );
  keep = (tenant: string, operation: string, name: string, mapping: ImportMapping): Promise<void> =>
    inTenantScope(this.em, tenant, async (em) => {
      await em
        .createQueryBuilder(ImportTemplateEntity)
        .insert({ tenant, operation, name, mapping })
        .onConflict(['tenant', 'operation', 'name'])
        .merge(['mapping'])
        .execute('run');
    });
}

/** Any import may name the person: an erasure empties all of its tenant. What they did in the log is the log's. */
export const importData = (em: EntityManager): PersonalData => ({
  collect: async () => [],
  forget: ({ tenant }) => deleteImports(em, tenant, 'infinity').then((count) => [{ place: 'platform.imports', count }]),
});

/** Those begun before an instant, with their rows. Answers how many. */
export const deleteImports = (em: EntityManager, tenant: string, before: string): Promise<number> =>
  inTenantScope(em, tenant, async (em) => {
    const deleted = await statement<{ id: string }>(
      em,
      'delete from platform.imports where tenant = $1 and started_at < $2 returning id',
      [tenant, before],
    );
    return deleted.length;
  });
