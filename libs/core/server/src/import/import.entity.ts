import type { FieldError } from '@daybook/kernel';
import { Instant, Json } from '@daybook/postgres/column-types';
import { openPolicy, tenantPolicy } from '@daybook/postgres/row-security';
import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import type { ImportMapping, Phase, RowState } from './import.operations.js';

/** What is run for the rows, and where they come from. */
export interface ImportSettings {
  readonly operation: string;
  readonly forAll: Readonly<Record<string, unknown>>;
  /** Of a file; otherwise rows that are chosen in a list. */
  readonly file: {
    readonly sha256: string;
    readonly name: string;
    readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252' | null;
    readonly mapping: ImportMapping;
  } | null;
  readonly items: readonly { readonly input: Readonly<Record<string, unknown>>; readonly version?: number | undefined }[] | null;
  readonly where: Readonly<Record<string, unknown>>;
  /** That the person gave; it is kept with each event. */
  readonly reason: string | null;
} // prettier-ignore

/** A command for many rows: who asked for what, and the job that works on it now. */
export const ImportEntity = defineEntity({
  name: 'Import',
  schema: 'platform',
  tableName: 'imports',
  properties: {
    tenant: p.uuid().primary(),
    id: p.uuid().primary(),
    /** Id of the actor, who alone sees it. */
    startedBy: p.text(),
    settings: p.type(Json).$type<ImportSettings>(),
    phase: p.text().$type<Phase>(),
    job: p.uuid(),
    /** Names of the columns of the file, and those of the mapping that it lacks. */
    header: p.type(Json).$type<{ readonly columns: readonly string[]; readonly missing: readonly string[] }>().nullable(),
    startedAt: p.type(Instant).defaultRaw('clock_timestamp()'),
  },
  indexes: [{ name: 'imports_old', properties: ['tenant', 'startedAt'] }],
  rowLevelSecurity: 'force',
  policies: [tenantPolicy('api', 'daybook_api'), openPolicy('projector')],
}); // prettier-ignore
export type Import = InferEntity<typeof ImportEntity>;

/** A row as the rehearsal left it, and what became of it. */
export const ImportRowEntity = defineEntity({
  name: 'ImportRow',
  schema: 'platform',
  tableName: 'import_rows',
  properties: {
    /** A row does not outlive its import: an erasure may delete it while a job still adds rows. */
    import: p
      .manyToOne(ImportEntity)
      .primary()
      .joinColumns('tenant', 'import_id')
      .deleteRule('cascade')
      .updateRule('no action')
      .foreignKeyName('import_rows_tenant_import_id_fkey'),
    tenant: p.uuid().persist(false),
    importId: p.uuid().persist(false),
    record: p.integer().primary(),
    line: p.integer(),
    cells: p.type(Json).$type<readonly string[]>(),
    state: p.text().$type<RowState>(),
    /** The command; null for a row that is refused or changes nothing. */
    command: p.type(Json).$type<RowCommand>().nullable(),
    result: p.type(Json).$type<{ readonly id: string; readonly version: number }>().nullable(),
    errors: p.type(Json).$type<readonly FieldError[]>(),
  },
  rowLevelSecurity: 'force',
  policies: [tenantPolicy('api', 'daybook_api'), openPolicy('projector')],
});

export interface RowCommand {
  readonly does: 'create' | 'change' | 'act';
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly expectedVersion: number | null;
  /** What the fields were that it changes. */
  readonly before: Readonly<Record<string, unknown>> | null;
}

/** A mapping for everybody who imports for the same command. */
export const ImportTemplateEntity = defineEntity({
  name: 'ImportTemplate',
  schema: 'platform',
  tableName: 'import_templates',
  properties: {
    tenant: p.uuid().primary(),
    operation: p.text().primary(),
    name: p.text().primary(),
    mapping: p.type(Json).$type<ImportMapping>(),
  },
  rowLevelSecurity: 'force',
  policies: [tenantPolicy('api', 'daybook_api'), openPolicy('projector')],
});

export const importEntities = [ImportEntity, ImportRowEntity, ImportTemplateEntity] as const;
