import type * as z from 'zod';
import { marksIn } from '../find-marks.js';
import { hidingFaults } from '../guarded.js';
import type { CommandOperation } from '../operation.js';
import { sealingFaults } from '../personal.js';
import * as field from './field.js';
import { changed, created, eventOf } from './record-events.js';
import { listOf, readOf } from './record-list.js';
import { act, change, create } from './record-operations.js';
import { actionOf, related, viewOf } from './record-view.js';
import { record, rowOf } from './record.js';

const id = '0190a1b2-0000-7000-8000-000000000001';
const person = record('staff.employee', {
  one: 'employee',
  many: 'employees',
  icon: 'user',
  calledBy: 'name',
  fields: {
    name: field.text('Name', { personal: true }),
    number: field.code('Number', { fixed: true }),
    pay: field.money('Pay', { in: 'currency', optional: true, personal: true, guarded: true }),
    currency: field.currency('Currency', { default: 'NOK' }),
    boss: field.reference('Boss', 'staff.employee', { optional: true }),
    about: field.note('About', { optional: true, hint: 'What they do.' }),
    status: field.status('Status', { active: null, 'on-leave': { label: 'On leave' } }),
  },
});
const account = record('books.account', {
  one: 'account', many: 'accounts', icon: 'book', calledBy: 'name', within: 'company', id: 'number',
  fields: { number: field.code('Number', { fixed: true }), name: field.text('Name'), heading: field.yesNo('Heading', { default: false }) },
}); // prettier-ignore
const marksOf = (schema: z.ZodType) => marksIn(schema).map(({ path, marks }) => `${path} ${Object.keys(marks).join()}`);
const company = '0190a1b2-0000-7000-8000-0000000000c0';

describe('a record', () => {
  it('refuses fields that it has anyway, and amounts in a currency that it has not', () => {
    const with_ = (fields: object) => () =>
      record('x.y', { one: 'y', many: 'ys', icon: '', calledBy: 'name', fields: { name: field.text('N'), ...fields } });
    expect(with_({ version: field.whole('V') })).toThrow('every record has version');
    expect(with_({ pay: field.money('Pay', { in: 'name' }) })).toThrow('no currency of the record');
  });

  it('marks what is personal and what roles may hide in events, rows and inputs, so that it can be sealed, emptied and hidden', () => {
    const [first, next] = [created(person), changed(person)];
    expect(marksOf(first.data)).toEqual(['name personal', 'pay personal,guarded']);
    expect(marksOf(next.data)).toEqual(['name personal', 'pay personal,guarded']);
    expect(marksOf(rowOf(person))).toEqual(['name personal', 'pay personal,guarded']);
    expect(marksOf(change(person).input)).toEqual(['pay guarded']);
    for (const { data } of [first, next]) expect([...sealingFaults(data), ...hidingFaults(data, false)]).toEqual([]);
    expect([...sealingFaults(rowOf(person), 'emptied'), ...hidingFaults(rowOf(person), true)]).toEqual([]);
    expect(rowOf(person).meta()?.id).toBe('StaffEmployee');
  });

  it('takes when it is created all that is entered, and in a change what is not fixed', () => {
    expect(create(person).input.parse({ name: ' Vera  Lund ', number: '7' })).toEqual({ name: 'Vera Lund', number: '7', currency: 'NOK' }); // prettier-ignore
    const changing = change(person).input.strict();
    expect(changing.parse({ id, pay: null, name: 'Vera' })).toEqual({ id, pay: null, name: 'Vera' });
    expect(changing.safeParse({ id, name: null }).success).toBe(false);
    expect(changing.safeParse({ id, number: '8' }).success).toBe(false);
    expect(changing.safeParse({ id, status: 'on-leave' }).success).toBe(false);
  });

  it('checks phones, codes and addresses as they are written', () => {
    const good = [field.phone('').schema.parse(' +47 22 33 44 55 '), field.code('').schema.parse('A-1/2'), field.email('').schema.parse('a@b.no')]; // prettier-ignore
    expect(good).toEqual(['+47 22 33 44 55', 'A-1/2', 'a@b.no']);
    for (const bad of ['call me', '12', '+47 22;33']) expect(field.phone('').schema.safeParse(bad).success).toBe(false);
    for (const bad of ['', '-1', 'a b', 'x'.repeat(36)])
      expect(field.code('').schema.safeParse(bad).success).toBe(false);
  });
});

describe('the operations of a record', () => {
  it('follow the convention', () => {
    const told = ({ name, http, permission, title, says, ifMatch, scope }: CommandOperation) =>
      [name, http, permission, title, says, ifMatch, scope].join(' | ');
    expect(told(create(person))).toBe('staff.employee.create | POST /v1/staff/employees | staff.employee.create | Create an employee | created the employee {name} | none | tenant'); // prettier-ignore
    expect(told(change(account))).toBe('books.account.change | PATCH /v1/books/companies/{companyId}/accounts/{number} | books.account.change | Change an account | changed the account {name} | required | company'); // prettier-ignore
    expect(told(act(person, 'rest', { says: 'rested' }))).toBe('staff.employee.rest | POST /v1/staff/employees/{id}/rest | staff.employee.rest | Rest an employee | rested the employee {name} | optional | tenant'); // prettier-ignore
    expect(told(create(account, { verb: 'add', says: 'added', ifMatch: 'optional' }))).toContain(
      'books.account.add | POST',
    );
    const list = listOf(account, { sorts: ['number'] });
    expect([list.name, list.http, list.permission, list.title]).toEqual(['books.account.list', 'GET /v1/books/companies/{companyId}/accounts', 'books.account.read', 'List the accounts']); // prettier-ignore
    expect(readOf(account).http).toBe('GET /v1/books/companies/{companyId}/accounts/{number}');
  });

  it('are taken back by the one that their verb names', () => {
    const rest = act(account, 'close', { says: 'closed', undo: 'open' });
    expect(() => rest.undo?.operation()).toThrow('no command open');
    const open = act(account, 'open', { says: 'opened' });
    expect(rest.undo?.operation()).toBe(open);
    const input = { companyId: company, number: '1920' };
    expect(rest.undo?.input(input, { id: 'x', version: 2, position: '1' })).toEqual(input);
  });

  it('name the record by its company and number where it has no id of its own', () => {
    const data = { companyId: company, number: '1920', name: 'Bank', heading: false };
    expect(created(account).record(data)).toEqual({ type: 'books.account', id: `${company}/1920` });
    expect(changed(person).record({ id })).toEqual({ type: 'staff.employee', id });
  });

  it('list by filters of each kind, and take no other order than is declared', () => {
    const list = listOf(person, { text: ['name'], filters: ['boss', 'status', 'pay', 'number'], sorts: ['name', 'pay'], sums: ['pay'] }); // prettier-ignore
    expect(Object.keys(list.input.shape)).toEqual(['text', 'textNot', 'boss', 'bossNot', 'status', 'statusNot', 'payFrom', 'payUntil', 'number', 'tags', 'tagsNot', 'id', 'sort', 'count', 'sums', 'limit', 'cursor']); // prettier-ignore
    expect(list.input.parse({})).toEqual({ sort: ['name'], count: false, sums: false, limit: 50 });
    expect(list.input.safeParse({ sort: ['number'] }).success).toBe(false);
    expect(list.input.safeParse({ sort: [] }).success).toBe(false);
    const otherwise = listOf(person, {
      filters: ['pay'],
      sorts: ['name'],
      usual: '-name',
      ranges: { pay: ['from', 'to'] },
      besides: { near: field.text('Near').schema.optional() },
    });
    const { from, to, near } = otherwise.input.parse({ from: '1', to: '2', near: 'Oslo' });
    expect([from, to, near, otherwise.input.parse({}).sort]).toEqual(['1', '2', 'Oslo', ['-name']]);
    for (const bound of ['payFrom', 'payUntil'] as const)
      expect(marksOf(list.input.shape[bound])).toEqual([' guarded']);
  });
});

describe('the screen of a record', () => {
  const listed = listOf(person, { text: ['name'], filters: ['boss', 'status', 'pay'], sorts: ['name'] });
  const rest = act(person, 'rest', { title: 'Rest', says: 'rested', when: { status: 'active' }, input: { until: field.date('Until', { hint: 'The last day.' }) }, destructive: true }); // prettier-ignore

  it('has labels, formats and words from the fields', () => {
    const made = viewOf(listed, {
      columns: ['name', 'pay', 'status', 'version'],
      hidden: ['pay'],
      record: { read: readOf(person), facts: ['about'], sections: [related(listed, { by: 'boss', columns: ['name'], empty: '' })] },
      actions: { create: create(person), row: [rest] },
      empty: 'Nobody.',
    }); // prettier-ignore
    expect(made).toMatchObject({ path: 'employees', title: 'Employees', one: 'employee', channels: ['employees'], order: { field: 'sort', asc: 'name', desc: '-name' } }); // prettier-ignore
    expect(made.columns).toEqual({
      name: { as: 'text', label: 'Name', drill: 'record', pin: true, none: 'Erased employee', grow: true, sort: 'asc' },
      pay: { as: 'money', label: 'Pay', hidden: true },
      status: { as: 'status', label: 'Status', words: { active: null, 'on-leave': { label: 'On leave' } } },
      version: { as: 'count', label: 'Version', hidden: true },
    });
    expect(made.filters).toEqual([
      { field: 'boss', not: 'bossNot', label: 'Boss', as: 'record', to: 'staff.employee' },
      { field: 'status', not: 'statusNot', label: 'Status', as: 'status', choices: [{ value: 'active', label: 'Active' }, { value: 'on-leave', label: 'On leave' }] },
      { field: ['payFrom', 'payUntil'], label: 'Pay', as: 'money' },
    ]); // prettier-ignore
    expect(made.record).toMatchObject({ id: 'id', title: 'name', history: 'staff.employee', fields: { about: { as: 'text' } } }); // prettier-ignore
    expect(made.record?.sections[0]).toMatchObject({
      kind: 'rows',
      label: 'Employees',
      where: { boss: 'id' },
      view: made,
    });
  });

  it('finds the screen of a related list when it is shown, not before', () => {
    const other = listOf(account, { filters: ['heading'], sorts: ['number'] });
    const section = related(other, { by: 'heading', columns: ['name'], empty: '' });
    expect(() => 'view' in section && section.view.path).toThrow('No screen shows books.account.list');
  });

  it('offers an act where it is possible, with a form of what it asks', () => {
    expect(actionOf(rest)).toMatchObject({
      label: 'Rest',
      destructive: true,
      when: [{ field: 'status', is: ['active'] }],
      from: { id: 'id' },
      ask: { until: { label: 'Until', as: 'date', hint: 'The last day.' } },
    });
    const changing = actionOf(change(person));
    expect(changing.from).toEqual({
      id: 'id',
      name: 'name',
      pay: 'pay',
      currency: 'currency',
      boss: 'boss',
      about: 'about',
    });
    expect(changing.ask).toMatchObject({ name: { label: 'Name', required: true }, about: { width: 'full', hint: 'What they do.' } }); // prettier-ignore
    expect(changing.ask?.['pay']).not.toHaveProperty('required');
    expect(Object.keys(actionOf(create(account)).ask ?? {})).toEqual(['number', 'name', 'heading']);
  });

  it('knows what an event sets, so that nobody says it twice', () => {
    expect(created(person).sets?.({ id, name: 'Vera' })).toEqual({ status: 'active', id, name: 'Vera' });
    expect(eventOf(person, 'rested', { sets: { status: 'on-leave' } }).sets?.({ id })).toEqual({ status: 'on-leave' });
    expect(eventOf(person, 'noted').sets).toBeNull();
  });
});
