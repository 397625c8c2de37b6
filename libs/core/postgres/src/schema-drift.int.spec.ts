import { defineEntity, type EntitySchema, p } from '@mikro-orm/postgresql';
import { Client } from 'pg';
import { findSchemaDrift } from './schema-drift.js';
import { Instant } from './column-types.js';
import { openPolicy, tenantPolicy } from './row-security.js';
import { testDatabase, type TestDatabase } from './testing/database.js';

const notes = {
  name: '2026-11-30-notes',
  sql: `
    create schema notes;
    create table notes.note (
      tenant uuid not null,
      id uuid not null,
      text text not null default '' check (text <> 'x'),
      written_at timestamptz not null default now(),
      primary key (tenant, id)
    );
    create index note_newest on notes.note (tenant, written_at desc) where text <> '';
    alter table notes.note enable row level security, force row level security;
    create policy api on notes.note to daybook_api
      using (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid)
      with check (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid);
    create policy projector on notes.note to daybook_projector using (true) with check (true);`,
};
const Note = defineEntity({
  name: 'Note',
  schema: 'notes',
  tableName: 'note',
  properties: {
    tenant: p.uuid().primary(),
    id: p.uuid().primary(),
    text: p.text().default(''),
    writtenAt: p.type(Instant).defaultRaw('now()'),
  },
  indexes: [
    {
      name: 'note_newest',
      properties: ['tenant', 'writtenAt'],
      columns: [{ name: 'tenant' }, { name: 'writtenAt', sort: 'DESC' }],
      where: "text <> ''",
    },
  ],
  checks: [{ name: 'note_text_check', expression: "text <> 'x'" }],
  rowLevelSecurity: 'force',
  policies: [tenantPolicy('api', 'daybook_api'), openPolicy('projector')],
});
const others = { 'daybook.*': 'of the migrations' };

describe('entities and their tables', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await testDatabase([notes]);
  });
  afterEach(() => database.drop());

  const change = async (sql: string) => {
    const client = new Client({ connectionString: database.adminUrl });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  const drift = (entities: readonly EntitySchema[] = [Note]) => findSchemaDrift(database.adminUrl, entities, others);

  it('are the same where the migrations say what the entities say', async () => {
    expect(await drift()).toEqual({ entities: 1, tables: expect.any(Number), differences: [] });
  });

  it.each([
    ['a column that the entity has not', 'alter table notes.note add column more text', 'more'],
    ['a column that is missing', 'alter table notes.note drop column text', 'text'],
    ['another type', 'alter table notes.note alter column text type varchar(10)', 'text'],
    ['a column that may be null', 'alter table notes.note alter column text drop not null', 'not null'],
    ['another default', `alter table notes.note alter column text set default 'a'`, 'default'],
    ['an index that is missing', 'drop index notes.note_newest', 'note_newest'],
    ['an index that the entity has not', 'create index more on notes.note (written_at)', 'more'],
    [
      'an index of other rows',
      `drop index notes.note_newest; create index note_newest on notes.note (tenant, written_at desc) where text = ''`,
      'note_newest',
    ],
    ['a check that is missing', 'alter table notes.note drop constraint note_text_check', 'note_text_check'],
    [
      'row-level security that is not forced',
      'alter table notes.note no force row level security',
      'row level security',
    ],
    ['a policy that is missing', 'drop policy projector on notes.note', 'projector'],
    ['a policy that lets more through', 'alter policy api on notes.note using (true)', 'api'],
    ['a policy for more roles', 'alter policy api on notes.note to public', 'api'],
  ])('are told apart by %s', async (_, sql, word) => {
    await change(sql);
    const { differences } = await drift();
    expect(differences.join('\n')).toContain(word);
  });

  it('are told apart by a table that no entity describes, and by an entity that no migration makes', async () => {
    await change('create table notes.other (id int primary key)');
    expect((await drift()).differences).toEqual(['notes.other has no entity.']);
    const Missing = defineEntity({ name: 'Missing', schema: 'notes', properties: { id: p.uuid().primary() } });
    expect((await drift([Note, Missing])).differences.join('\n')).toContain('create table "notes"."missing"');
  });
});
