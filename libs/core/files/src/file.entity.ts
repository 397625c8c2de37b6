import { Instant } from '@daybook/postgres/column-types';
import { openPolicy, tenantPolicy } from '@daybook/postgres/row-security';
import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';

/** A stored file of a tenant; its content is on disk under its hash. */
export const FileEntity = defineEntity({
  name: 'File',
  schema: 'files',
  tableName: 'file',
  properties: {
    tenant: p.uuid().primary(),
    sha256: p.text().primary(),
    name: p.text(),
    size: p.bigint('number'),
    storedAt: p.type(Instant).defaultRaw('clock_timestamp()'),
    /** When it was last uploaded, or a record started citing it. */
    usedAt: p.type(Instant).defaultRaw('clock_timestamp()'),
  },
  indexes: [{ name: 'file_unused', properties: ['usedAt'] }],
  checks: [{ name: 'file_sha256_check', expression: `sha256 ~ '^[0-9a-f]{64}$'` }],
  rowLevelSecurity: 'force',
  policies: [tenantPolicy('file_api', 'daybook_api'), openPolicy('file_projector')],
});
export type File = InferEntity<typeof FileEntity>;

/** Who uploaded what, under which name: only they may read it until a record cites it. */
export const UploadEntity = defineEntity({
  name: 'Upload',
  schema: 'files',
  tableName: 'upload',
  properties: {
    file: p
      .manyToOne(FileEntity)
      .primary()
      .joinColumns('tenant', 'sha256')
      .deleteRule('cascade')
      .updateRule('no action')
      .foreignKeyName('upload_tenant_sha256_fkey'),
    tenant: p.uuid().persist(false),
    sha256: p.text().persist(false),
    uploader: p.text().primary(),
    name: p.text(),
    storedAt: p.type(Instant).defaultRaw('clock_timestamp()'),
    cited: p.bigint().nullable(),
  },
  indexes: [{ name: 'upload_by', properties: ['tenant', 'uploader'] }],
  rowLevelSecurity: 'force',
  policies: [tenantPolicy('upload_api', 'daybook_api'), openPolicy('upload_projector')],
});

export const fileEntities = [FileEntity, UploadEntity];
