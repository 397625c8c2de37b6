import type { Files } from '@daybook/files';
import { change, field, listOf, record } from '@daybook/kernel';
import type { Bindings } from '../dispatch/bindings.js';
import type { KnownRow } from './plan.js';
import { plannedRows } from './rehearsal.js';

const person = record('desk.person', {
  one: 'person', many: 'persons', icon: 'user', calledBy: 'name',
  fields: { name: field.text('Name'), email: field.email('E-mail', { optional: true, personal: true, guarded: true }) },
}); // prettier-ignore
const changePerson = change(person);
const bindings = {
  operations: [changePerson, listOf(person, { sorts: ['name'] })],
  of: (operation: object) => ({ kind: 'perform', operation }),
} as unknown as Bindings;
const vera = { id: 'vera', name: 'Vera', email: null, version: 3 };

const planned = (settings: object, rows: readonly KnownRow[] = [vera], hidden: readonly string[] = []) =>
  plannedRows({
    tenant: 'tenant',
    settings: {
      operation: changePerson.name,
      forAll: {},
      file: null,
      items: null,
      where: {},
      reason: null,
      ...settings,
    },
    bindings,
    files: {} as Files,
    known: async () => ({ records: new Map(rows.map((row) => [String(row['id']), [row]])), hidden: new Set(hidden) }),
    customFields: async () => [],
    named: async () => new Map(),
  });

describe('a command for chosen records', () => {
  it('changes no field that is hidden from the person, wherever it is named: taking it back would empty it', async () => {
    const refused = { rejection: { code: 'platform.import-hidden', status: 403 } };
    const email = 'vera@example.com';
    const items = [{ input: { id: 'vera' } }, { input: { id: 'vera', email } }];
    await expect(planned({ forAll: { email } }, [vera], ['email'])).rejects.toMatchObject(refused);
    await expect(planned({ items }, [vera], ['email'])).rejects.toMatchObject(refused);
    const { planned: rows } = await planned({ items });
    expect(rows[1]!.command).toMatchObject({
      input: { id: 'vera', email },
      before: { email: null },
      expectedVersion: 3,
    });
  });
});
