import type { SqlMigration } from '@daybook/postgres';

/** Names and sizes of stored files per tenant; the content is on disk under its hash. */
export const fileMigrations: readonly SqlMigration[] = [
  {
    name: '2026-11-20-files',
    sql: `
      create schema files;
      create table files.file (
        tenant uuid not null,
        sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
        name text not null,
        size bigint not null,
        stored_at timestamptz not null default clock_timestamp(),
        primary key (tenant, sha256)
      );
      alter table files.file enable row level security;
      alter table files.file force row level security;
      create policy file_api on files.file to daybook_api
        using (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid)
        with check (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid);
      create policy file_projector on files.file to daybook_projector using (true) with check (true);
      grant usage on schema files to daybook_api, daybook_projector;
      grant select, insert on files.file to daybook_api, daybook_projector;
    `,
  },
  {
    name: '2026-11-29-files-retention',
    sql: `
      /* When it was last uploaded, or a record started citing it. */
      alter table files.file add column used_at timestamptz not null default clock_timestamp();
      create index file_unused on files.file (used_at);
      grant update (used_at) on files.file to daybook_api, daybook_projector;
      grant delete on files.file to daybook_projector;
    `,
  },
  {
    // Who uploaded what, under which name: only they may read it until a record cites it.
    name: '2026-11-29-file-uploads',
    sql: `
      create table files.upload (
        tenant uuid not null,
        sha256 text not null,
        uploader text not null,
        name text not null,
        stored_at timestamptz not null default clock_timestamp(),
        cited bigint,
        primary key (tenant, sha256, uploader),
        foreign key (tenant, sha256) references files.file on delete cascade
      );
      alter table files.upload enable row level security;
      alter table files.upload force row level security;
      create policy upload_api on files.upload to daybook_api
        using (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid)
        with check (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid);
      create policy upload_projector on files.upload to daybook_projector using (true) with check (true);
      create index upload_by on files.upload (tenant, uploader);
      grant select, insert, update, delete on files.upload to daybook_api, daybook_projector;
    `,
  },
];
