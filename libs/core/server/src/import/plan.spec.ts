import { command, field, record } from '@daybook/kernel';
import * as z from 'zod';
import { keyOf, planner, type RowFields } from './plan.js';

const boat = record('harbour.boat', {
  one: 'boat', many: 'boats', icon: 'ship', calledBy: 'name',
  fields: { name: field.text('Name'), code: field.code('Code', { optional: true }) },
}); // prettier-ignore
const change = command('harbour.boat.change', {
  title: 'Change a boat',
  http: 'POST /v1/harbour/boats/{id}',
  says: 'changed a boat',
  ifMatch: 'optional',
  // The reason is no field of the boat, and no list shows it.
  input: z.object({ id: z.string(), name: z.string().optional(), code: z.string().optional(), reason: z.string().optional() }), // prettier-ignore
});
const target = { operation: change, kit: { record: boat, does: 'change' as const, change, list: null } };
const boats = ['a', 'b'].map((id) => [id, [{ id, name: 'Ada', code: null, version: 2 }]] as const);
const plan = () =>
  planner(target, new Map(), {}, { field: 'id', creates: false, known: { records: new Map(boats), hidden: new Set() } }, new Map([['id', keyOf], ['code', (code: string) => code.replaceAll(' ', '')]])); // prettier-ignore
const row = (line: number, fields: RowFields['fields']): RowFields => ({ record: line - 1, line, fields, errors: [] });

describe('what a row becomes', () => {
  it('takes back the fields of the record, and not what its command takes besides', () => {
    const { command: planned } = plan()(row(2, { id: 'a', name: 'Ida', reason: 'A slip' }));
    expect(planned).toMatchObject({ input: { id: 'a', name: 'Ida', reason: 'A slip' }, expectedVersion: 2 });
    expect(planned!.before).toEqual({ name: 'Ada' });
  });

  it('is refused where an earlier row has the same value, in the form in which it is reserved', () => {
    const planned = plan();
    expect(planned(row(2, { id: 'a', code: '11 22' })).errors).toEqual([]);
    expect(planned(row(3, { id: 'b', code: '1122' })).errors).toMatchObject([
      { pointer: '/code', code: 'platform.import-twice', message: 'Line 2 has the same value already.' },
    ]);
    expect(planned(row(4, { id: 'A', name: 'Eva' })).errors).toMatchObject([{ pointer: '/id' }]);
  });
});
