import { sortKey } from '@daybook/kernel';
import { recorded, rowsAfter } from '@daybook/projections/testing/given';
import { companyCreated, importPosted } from '../ledger/ledger.events.js';
import { company, nordlys } from '../ledger/testing/given.js';
import { postedImport } from '../ledger/testing/staged.js';
import { companyProjection } from './company.projection.js';

const row = {
  ...{ id: company, ...nordlys, version: 1 },
  nameSort: sortKey(nordlys.name),
  registrationNumberSort: sortKey(nordlys.registrationNumber!),
};

describe('the list of companies', () => {
  it('has a created company once', () => {
    const created = recorded(companyCreated, { id: company, ...nordlys });
    expect(rowsAfter(companyProjection, [created])['companies']).toEqual([row]);
    expect(rowsAfter(companyProjection, [created, created])['companies']).toEqual([row]);
  });

  it('has a company that an import created once, and none for an import into an existing company', () => {
    const made = recorded(importPosted, postedImport());
    expect(rowsAfter(companyProjection, [made, made])['companies']).toEqual([row]);
    const into = recorded(importPosted, postedImport({ company: null }));
    expect(rowsAfter(companyProjection, [into])['companies']).toEqual([]);
  });
});
