import * as z from 'zod';
import { camelName, command, pageInput, pascalName, query } from './operation.js';

describe('an operation', () => {
  const post = command('accounting.entry.post', {
    title: 'Post an entry',
    http: 'POST /v1/accounting/companies/{companyId}/entries',
    says: 'posted {number}',
    input: z.object({ companyId: z.string() }),
  });

  it('is its own permission unless it names another', () => {
    expect(post.permission).toBe('accounting.entry.post');
    expect(
      query('a.b.list', {
        title: '',
        http: 'GET /v1/b',
        permission: 'a.b.read',
        input: z.object({}),
        output: z.object({}),
      }).permission,
    ).toBe('a.b.read');
  });
  it('answers record, version and position unless it says otherwise', () => {
    expect(post.output.parse({ id: 'x', version: 1, position: '7' })).toEqual({ id: 'x', version: 1, position: '7' });
  });
  it('takes a key and does not pin a version by default', () => {
    expect([post.acceptsIdempotencyKey, post.ifMatch]).toEqual([true, 'none']);
  });
  it('has one name for GraphQL and the catalogues', () => {
    expect([camelName('accounting.trial-balance.read'), pascalName('accounting.entry.post')]).toEqual([
      'accountingTrialBalanceRead',
      'AccountingEntryPost',
    ]);
  });
  it('bounds every page', () => {
    const page = z.object(pageInput);
    expect(page.parse({})).toEqual({ limit: 50 });
    expect(page.safeParse({ limit: 201 }).success).toBe(false);
  });
});
