import { setTimeout as sleep } from 'node:timers/promises';
import {
  act,
  aggregate,
  change,
  changed,
  create,
  created,
  eventOf,
  face,
  field,
  listOf,
  readOf,
  record,
} from '@daybook/kernel';
import { answers, projectionOf, recordTable } from '@daybook/projections';
import { contextOf } from '@daybook/server';
import { listImportRows, readImport, runImport, startImport } from '@daybook/server/import/import.operations';
import type * as z from 'zod';
import type { TestApp, TestClient } from './app.js';

/* A context of persons, for specs of files of rows that come in and of commands for many records. */
const person = record('desk.person', {
  one: 'person', many: 'persons', icon: 'user', calledBy: 'name',
  fields: {
    name: field.text('Name'),
    email: field.email('E-mail', { optional: true, personal: true, guarded: true, unique: 'tenant' }),
    city: field.text('City', { optional: true }),
    title: field.text('Title', { optional: true }),
    note: field.note('Note', { optional: true }),
    born: field.date('Born', { optional: true }),
    status: field.status('Status', { active: null, archived: {} }),
  },
}); // prettier-ignore
const events = [
  created(person),
  changed(person),
  eventOf(person, 'archived', { sets: { status: 'archived' } }),
  eventOf(person, 'restored', { sets: { status: 'active' } }),
] as const;
export const createPerson = create(person, { undo: 'archive', approvable: { summary: () => 'A new person' } });
export const changePerson = change(person);
export const archivePerson = act(person, 'archive', { says: 'archived', when: { status: 'active' }, undo: 'restore' });
const restorePerson = act(person, 'restore', { says: 'restored', when: { status: 'archived' }, undo: 'archive' });
export const listPersons = listOf(person, { filters: ['status'], sorts: ['name'] });
const readPerson = readOf(person);
const persons = recordTable(person, [listPersons]);
export const desk = contextOf(
  face('desk', {
    title: 'Desk',
    icon: 'user',
    records: [person],
    roles: { Admin: ['desk.*'], Accountant: ['desk.*.read'], Auditor: ['desk.*.read'] },
  }),
  [
    aggregate(person, {
      commands: [createPerson, changePerson, archivePerson, restorePerson],
      events,
      rules: { create: events[0].of, change: events[1].of, archive: events[2].of, restore: events[3].of },
    }),
    projectionOf(persons, events),
    answers(listPersons, persons),
    answers(readPerson, persons),
  ],
);

/** What specs do with them, as that client. */
export function deskOf(of: () => { readonly app: TestApp; readonly admin: TestClient }) {
  type Fields = Partial<z.input<(typeof startImport)['input']>['mapping']>;
  const active = async () => (await of().admin.ask(listPersons, { status: ['active'], limit: 200 })).items;
  const everyName = async () => {
    const found: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await of().admin.ask(listPersons, { status: ['active'], limit: 200, cursor });
      found.push(...page.items.map(({ name }) => name));
      if (page.next === null) return found;
      cursor = page.next;
    }
  };
  const names = async () => (await active()).map(({ name }) => name);
  /** Columns by their names, each to the field of its name in lower case. */
  const mapped = (columns: readonly string[], more: Fields = {}) => ({
    fields: columns.map((name) => ({ field: name.toLowerCase(), name })),
    ...more,
  });
  async function settled(importId: string, client = of().admin) {
    for (let waited = 0; waited < 120_000; waited += 50) {
      const read = await client.ask(readImport, { importId });
      if (!['waiting', 'running'].includes(read.state)) return read;
      await sleep(50);
    }
    throw new Error(`The import ${importId} does not end:\n${of().app.log.slice(-5).join('')}`);
  }
  const text = (...lines: string[]): Buffer => Buffer.from(lines.join('\n'));
  async function rehearsed(
    content: Buffer,
    columns: readonly string[],
    more: Fields = {},
    operation: string = createPerson.name,
  ) {
    const { sha256 } = await of().admin.upload('rows.csv', content);
    const wanted = { operation, file: sha256, name: 'rows.csv', mapping: mapped(columns, more) };
    const { id } = await of().admin.execute(startImport, wanted);
    return { importId: id, ...(await settled(id)) };
  }
  async function ran(...wanted: Parameters<typeof rehearsed>) {
    const { importId } = await rehearsed(...wanted);
    await of().admin.execute(runImport, { importId });
    return { importId, ...(await settled(importId)) };
  }
  const verdicts = async (importId: string) =>
    (await of().admin.ask(listImportRows, { importId, limit: 200 })).items.map(({ line, state, errors }) => [line, state, errors[0]?.message]); // prettier-ignore
  /** Each spec has the tenant's list to itself. */
  async function empty() {
    const { admin } = of();
    for (let left = await active(); left.length > 0; left = await active())
      for (const { id } of left) await admin.execute(archivePerson, { id });
    for (const { id, email, version } of (await admin.ask(listPersons, {})).items)
      if (email !== null) await admin.execute(changePerson, { id, email: null }, { version });
  }
  return { active, everyName, names, mapped, settled, text, rehearsed, ran, verdicts, empty };
}
