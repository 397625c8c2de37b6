import { inputFields } from './input-fields.js';

describe('an input in words', () => {
  it('has a row a field, and one a part of a list', () => {
    expect(
      inputFields({
        documentDate: '2026-03-31',
        voucher: null,
        permissions: ['read', 'post'],
        lines: [{ account: '1920', party: { type: 'customer', id: '7' }, description: null }, { account: '3000' }],
        final: true,
      }),
    ).toEqual([
      { field: 'documentDate', label: 'Document date', value: '2026-03-31' },
      { field: 'permissions', label: 'Permissions', value: 'read, post' },
      { field: 'lines/0', label: 'Lines 1', value: 'account 1920, party (type customer, id 7)' },
      { field: 'lines/1', label: 'Lines 2', value: 'account 3000' },
      { field: 'final', label: 'Final', value: 'true' },
    ]);
  });
});
