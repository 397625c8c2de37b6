import { fileURLToPath } from 'node:url';
import { expectGolden } from '@daybook/event-store/testing/golden';
import { filtersOf, listExported } from './export-record.js';

const golden = fileURLToPath(new URL('../../golden', import.meta.url));
const exported = {
  exportId: '0199f3a0-0000-7000-8000-000000000001',
  list: 'identity.member.list',
  title: 'List the members',
  rows: 41,
};

describe('the record of an export', () => {
  it('keeps its stored format', () => {
    const file = { columns: ['name'], filters: ['status', 'text'], knownAt: '41', sha256: 'a'.repeat(64) };
    const answer = { columns: null, filters: [], knownAt: null, sha256: null };
    expectGolden(
      listExported,
      [
        { ...exported, format: 'xlsx' as const, ...file },
        { ...exported, format: 'csv' as const, ...answer },
      ],
      golden,
    );
  });

  it('names the filters and not what was searched for', () => {
    expect(filtersOf({ text: 'Ola Nordmann', status: ['active'], sort: ['name'], limit: 50, from: undefined })).toEqual(
      ['status', 'text'],
    );
  });
});
