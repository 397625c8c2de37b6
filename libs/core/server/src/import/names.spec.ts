import { command, create, field, record } from '@daybook/kernel';
import * as z from 'zod';
import { addCandidate, type Candidate, type ImportField, importFields, namesAsked, withNames } from './names.js';

const boat = record('harbour.boat', {
  one: 'boat', many: 'boats', icon: 'ship', calledBy: 'name',
  fields: {
    name: field.text('Name'),
    kind: field.choice('Kind', { sail: 'Motor', motor: 'Motor', row: 'Sail' }),
    berth: field.reference('Berth', 'harbour.berth', { optional: true }),
    custom: field.custom(),
  },
}); // prettier-ignore
const kit = { record: boat, does: 'create' as const, change: null, list: null };
const fields = importFields({ operation: create(boat), kit }, []);
const read = (values: Readonly<Record<string, unknown>>, found: readonly Candidate[] = []) =>
  withNames(fields, new Map([['harbour.berth', new Map([['a', found]])]]), { fields: values, errors: [] });

describe('what cells name', () => {
  it('is a code before it is a label, and no label that several values have', () => {
    expect(read({ kind: ' SAIL ' }).fields).toEqual({ kind: 'sail' });
    expect(read({ kind: 'motor' }).fields).toEqual({ kind: 'motor' });
    const two: ImportField = { ...fields.get('kind')!, words: new Map([['motor', null]]) };
    const { errors } = withNames(new Map([['kind', two]]), new Map(), { fields: { kind: 'Motor' }, errors: [] });
    expect(errors).toMatchObject([
      { pointer: '/kind', message: '“Motor” is the label of several values. Use the code.' },
    ]);
  });
  it('is what means it surest, and nothing where several mean it as sure', () => {
    const named = (...ranks: readonly number[]) =>
      ranks.map((rank, at) => ({ id: `b${at}`, label: `Berth ${at}`, rank }));
    expect(read({ berth: 'A' }, named(2, 1, 2)).fields).toEqual({ berth: 'b1' });
    expect(read({ berth: 'A' }, [...named(2), ...named(2)]).fields).toEqual({ berth: 'b0' });
    expect(read({ berth: 'A' }, named(2, 2, 2, 2, 2, 2, 2)).errors).toMatchObject([{ message: '“A” is the name of several: Berth 0, Berth 1, Berth 2, Berth 3, Berth 4, and more. Use what tells them apart.' }]); // prettier-ignore
    expect(read({ berth: 'B' }, named(2)).errors).toHaveLength(1);
    expect(read({ berth: null }).fields).toEqual({ berth: null });
  });
  it('is kept for as many records as a message names, however many have one name, and for each that means it surer', () => {
    const found = new Map<string, Candidate[]>();
    for (let n = 0; n < 1_000; n++) addCandidate(found, 'a', { id: `b${n % 500}`, label: 'Berth', rank: 2 });
    addCandidate(found, 'a', { id: 'b7', label: 'Berth', rank: 1 });
    expect(found.get('a')!.map(({ id, rank }) => `${id} ${rank}`)).toEqual(['b0 2', 'b1 2', 'b2 2', 'b3 2', 'b4 2', 'b5 2', 'b7 1']); // prettier-ignore
    expect(read({ berth: 'A' }, found.get('a')).fields).toEqual({ berth: 'b7' });
  });
  it('is asked once for each type, in whatever case it is written', () => {
    const asked = namesAsked(fields, [
      { fields: { berth: 'A', name: 'x' } },
      { fields: { berth: 'a ' } },
      { fields: {} },
    ]);
    expect(asked).toEqual(new Map([['harbour.berth', new Set(['a'])]]));
  });
  it('has fields of commands without a record, and custom ones only one by one', () => {
    const plain = command('harbour.light', { title: 'Light', http: 'POST /v1/harbour/light', says: 'lit', input: z.object({ on: z.boolean() }) }); // prettier-ignore
    expect([...importFields({ operation: plain, kit: null }, []).keys()]).toEqual(['on']);
    expect([...fields.keys()]).toEqual(['name', 'kind', 'berth']);
    const custom = { key: 'length', label: 'Length', kind: 'number', required: false, position: 0 } as const;
    const own = importFields({ operation: create(boat), kit }, [{ ...custom, status: 'active' }, { ...custom, key: 'old', status: 'retired' }]); // prettier-ignore
    expect(own.get('custom.length')).toMatchObject({ label: 'Length', kind: 'decimal' });
    expect(own.has('custom.old')).toBe(false);
  });
});
