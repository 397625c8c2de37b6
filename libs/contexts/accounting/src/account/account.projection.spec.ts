import { recorded, rowsAfter } from '@daybook/projections/testing/given';
import { accountAdded, accountChanged, accountRemoved, importPosted } from '../ledger/ledger.events.js';
import { company } from '../ledger/testing/given.js';
import { postedImport } from '../ledger/testing/staged.js';
import { accountProjection } from './account.projection.js';

const bank = { companyId: company, number: '1920', name: 'Bank', class: 'asset' as const, postingAllowed: true };

describe('the chart of accounts', () => {
  it('has a row per account, with the version of its last change', () => {
    const events = [
      recorded(accountAdded, bank),
      recorded(
        accountChanged,
        { companyId: company, number: '1920', name: 'Bank, Oslo', postingAllowed: false },
        {
          meta: { record: { type: 'accounting.account', id: `${company}/1920`, version: 2 } },
        },
      ),
    ];
    expect(rowsAfter(accountProjection, events)['accounts']).toMatchObject([
      { ...bank, name: 'Bank, Oslo', postingAllowed: false, suspense: false, version: 2 },
    ]);
    expect(rowsAfter(accountProjection, [...events, ...events])).toEqual(rowsAfter(accountProjection, events));
  });
  it('has no row of an account that was removed, and one again when it is added anew', () => {
    const removed = recorded(accountRemoved, { companyId: company, number: '1920', name: 'Bank' });
    const again = recorded(accountAdded, { ...bank, name: 'Till' }, { meta: { record: { type: 'accounting.account', id: `${company}/1920`, version: 3 } } }); // prettier-ignore
    expect(rowsAfter(accountProjection, [recorded(accountAdded, bank), removed])['accounts']).toEqual([]);
    expect(rowsAfter(accountProjection, [recorded(accountAdded, bank), removed, again])['accounts']).toMatchObject([
      { name: 'Till', version: 3 },
    ]);
  });
  it('adds the accounts of an import and marks the one with the opening difference', () => {
    const rows = rowsAfter(accountProjection, [recorded(importPosted, postedImport())])['accounts'];
    expect(rows?.map(({ number, suspense }) => [number, suspense])).toEqual([
      ['1920', false],
      ['2050', false],
      ['2999', true],
      ['3000', false],
    ]);
  });
  it('marks an existing account, and none when the openings sum to zero', () => {
    const known = recorded(accountAdded, bank);
    const difference = { account: '1920', side: 'credit' as const, amount: '40.00' };
    const onBank = recorded(importPosted, postedImport({ accounts: [], openingDifference: difference }));
    expect(rowsAfter(accountProjection, [known, onBank])['accounts']).toMatchObject([{ suspense: true }]);
    const none = recorded(importPosted, postedImport({ accounts: [], openingDifference: null }));
    expect(rowsAfter(accountProjection, [known, none])['accounts']).toMatchObject([{ suspense: false }]);
  });
  it('cannot change an account that is not there', () => {
    expect(() => rowsAfter(accountProjection, [recorded(accountChanged, bank)])).toThrow('no row');
  });
});
