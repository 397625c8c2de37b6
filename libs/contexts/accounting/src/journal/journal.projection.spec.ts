import { recorded, rowsAfter } from '@daybook/projections/testing/given';
import { importPosted, journalAdded } from '../ledger/ledger.events.js';
import { company } from '../ledger/testing/given.js';
import { postedImport } from '../ledger/testing/staged.js';
import { journalProjection } from './journal.projection.js';

describe('the list of journals', () => {
  it('has an added journal once', () => {
    const added = recorded(journalAdded, { companyId: company, code: 'GL', name: 'General' });
    const row = { companyId: company, code: 'GL', name: 'General', version: 1 };
    expect(rowsAfter(journalProjection, [added])['journals']).toEqual([row]);
    expect(rowsAfter(journalProjection, [added, added])['journals']).toEqual([row]);
  });

  it('has each journal of an import once', () => {
    const { journals } = postedImport();
    const brought = recorded(importPosted, postedImport());
    const rows = journals
      .map((journal) => ({ companyId: company, ...journal, version: 1 }))
      .sort((a, b) => (a.code < b.code ? -1 : 1));
    expect(rows).toHaveLength(2);
    expect(rowsAfter(journalProjection, [brought])['journals']).toEqual(rows);
    expect(rowsAfter(journalProjection, [brought, brought])['journals']).toEqual(rows);
  });
});
