import { accountView, entryView, accountLedgerView } from '@daybook/accounting';
import { field, listOf, record, viewOf as viewOfRecord } from '@daybook/kernel';
import { describe, expect, it } from 'vitest';
import { wordsOf } from './filter-words';
import { inputOf, listCsv, placeOf, shownColumns, viewOf } from './list-state';

const entries = entryView;
const accountLedger = accountLedgerView;

describe('the address of a list', () => {
  it('becomes the input of its query', () => {
    const query = { journal: 'PU,BK', text: 'x', cursor: 'c', order: 'oldest', peek: 'p', foreign: 'no' };
    expect(inputOf(entries, query, { companyId: '1' }, null, 50)).toEqual({
      limit: 50, companyId: '1', journal: ['PU', 'BK'], text: 'x', cursor: 'c', sort: ['date'],
    }); // prettier-ignore
  });
  it('leaves out, and sorts by a custom field, where the list can', () => {
    const truck = record('fleet.truck', {
      one: 'truck', many: 'trucks', icon: 'truck', calledBy: 'plate',
      fields: { plate: field.code('Plate'), state: field.choice('State', { on: 'On', off: 'Off' }), custom: field.custom() },
    }); // prettier-ignore
    const trucks = viewOfRecord(listOf(truck, { filters: ['state'], sorts: ['plate'] }), {
      columns: ['plate'],
      empty: '',
    });
    const query = { stateNot: 'on,off', customSort: '-size' };
    expect(inputOf(trucks, query, {}, null, 50)).toEqual({ limit: 50, stateNot: ['on', 'off'], customSort: '-size' });
    expect(inputOf(accountLedger, query, {}, null, 50)).toEqual({ limit: 50 });
    const [filter] = trucks.filters;
    const words = (said: object) => wordsOf(filter!, said as Record<string, string>, (value) => value, [{ value: 'on', label: 'On' }, { value: 'off', label: 'Off' }]); // prettier-ignore
    expect(words({ state: 'on' })).toEqual({ word: 'is', value: 'On' });
    expect(words({ stateNot: 'on,off' })).toEqual({ word: 'is not', value: 'On, Off' });
    expect(words({ state: 'on', stateNot: 'off' })).toEqual({ word: 'is', value: 'On, not Off' });
  });
  it('takes path parameters, and never a day after the business date', () => {
    const path = { companyId: '1', number: '1920' };
    expect(inputOf(accountLedger, { to: '2026-12-31' }, path, '2026-03-31', 50)).toMatchObject({
      number: '1920',
      to: '2026-03-31',
    });
    expect(inputOf(accountLedger, { to: '2026-01-31' }, path, '2026-03-31', 50)).toMatchObject({ to: '2026-01-31' });
  });
  it('shows declared columns, those asked for, and always the pinned one', () => {
    expect(shownColumns(entries, {}).map(([name]) => name)).not.toContain('voucher');
    expect(shownColumns(entries, { columns: 'voucher,amount' }).map(([name]) => name)).toEqual([
      'number',
      'voucher',
      'amount',
    ]);
  });
  it('knows which saved view it is', () => {
    expect(viewOf(entries, [], {})?.name).toBe('All');
    expect(viewOf(entries, [{ name: 'Mine', where: { text: 'x' } }], { text: 'x', cursor: 'c' })?.name).toBe('Mine');
    expect(viewOf(entries, [], { text: 'y' })).toBeNull();
  });
  it('places a row in two lines where it is narrow', () => {
    expect(placeOf(accountLedger, shownColumns(accountLedger, {}))).toEqual({
      description: 'text',
      number: 'number',
      debit: 'amounts',
      credit: 'amounts',
      balance: 'amounts',
      date: 'date',
    });
    const accounts = accountView;
    expect(placeOf(accounts, shownColumns(accounts, {}))).toMatchObject({
      name: 'text',
      balance: 'amount',
      class: 'status',
    });
  });
  it('loses in the narrow layout the words beside a code, and the only figure', () => {
    const van = record('fleet.van', {
      one: 'van', many: 'vans', icon: 'truck', calledBy: 'plate',
      fields: { plate: field.code('Plate'), make: field.text('Make'), mileage: field.quantity('Mileage') },
    }); // prettier-ignore
    const vans = viewOfRecord(listOf(van, { sorts: ['plate'] }), { columns: ['plate', 'make', 'mileage'], empty: '' });
    expect(placeOf(vans, shownColumns(vans, {}))).toEqual({ make: 'text', plate: 'number', mileage: 'amount' });
  });
});

describe('CSV', () => {
  it('is for a double click in Excel where that is asked for', () => {
    const columns = shownColumns(entries, { columns: 'number,description,amount' });
    const row = { number: '1.10', description: 'Øre', amount: '-1234.50' };
    expect(listCsv(columns, [row], 'excel')).toBe('\ufeffnumber;description;amount\r\n1.10;Øre;-1234,50\r\n');
  });
  it('is free of locale, quoted where needed, and defuses formulas', () => {
    const columns = shownColumns(entries, { columns: 'number,description,mainAccount,amount' });
    const row = {
      number: 'PU-1',
      description: '=SUM(A1), "x"',
      mainAccount: '6340',
      mainAccountName: '@Power',
      amount: '-1234.50',
    };
    expect(listCsv(columns, [row])).toBe(
      'number,description,mainAccount,mainAccountName,amount\r\nPU-1,"\'=SUM(A1), ""x""",6340,\'@Power,-1234.50\r\n',
    );
  });
});
