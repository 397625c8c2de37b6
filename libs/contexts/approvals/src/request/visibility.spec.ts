import { command, field, type FieldRule, guarded, query, record } from '@daybook/kernel';
import type { EffectiveGrant } from '@daybook/server';
import * as z from 'zod';
import type { Approvables } from './approvables.js';
import { recordOf, type RequestReader, sightOf, subjectIn, summaryOf } from './visibility.js';

const note = guarded(z.string().nullable(), 'deals.deal.note', 'Note of a deal');
const close = command('deals.deal.close', {
  title: 'Close a deal',
  http: 'POST /v1/deals',
  says: 'closed',
  input: z.object({ companyId: z.string(), note }),
  approvable: { summary: ({ note: said }) => `Deal${said === null ? '' : ` ${String(said)}`}` },
});
const list = query('deals.deal.list', {
  title: 'List deals',
  http: 'GET /v1/deals',
  permission: 'deals.deal.read',
  input: z.object({}),
  output: z.object({}),
});
const approve = 'approvals.request.approve';
const grant = (more: Partial<EffectiveGrant> = {}): EffectiveGrant => ({
  ...{ role: 'Seller', companyId: null, party: null, fields: {} },
  permissions: new Set([approve, 'deals.deal.read']),
  ...more,
});
const onlyApproves = new Set([approve]);
const onlyReads = new Set(['deals.deal.read']);
const hides: Readonly<Record<string, FieldRule>> = { 'deals.deal.note': 'mask' };
const approvables = {
  subjectOf: (name: string) => (name === close.name ? subjectIn([list], [], close) : null),
} as unknown as Approvables;
const seen = (grants: readonly EffectiveGrant[], companyId: string | null = 'A', more: Partial<RequestReader> = {}) =>
  sightOf({ grants, isDelegate: false, ...more }, { operation: close.name, companyId }, approve, approvables);

describe('what somebody sees of a request', () => {
  it('is the whole of it with the right to read what it is about, where it belongs', () => {
    expect(seen([grant()])).toBe('whole');
    expect(seen([grant({ companyId: 'A' })])).toBe('whole');
    expect(seen([grant({ companyId: 'B' })])).toBe('absent');
    expect(seen([grant({ companyId: 'A' })], null)).toBe('absent');
  });

  it('is that it is there where they may approve and not read what it is about', () => {
    expect(seen([grant({ permissions: onlyApproves })])).toBe('hidden');
    expect(seen([grant({ permissions: onlyApproves }), grant({ permissions: onlyReads, companyId: 'B' })])).toBe(
      'hidden',
    );
    expect(seen([grant({ permissions: onlyReads })])).toBe('absent');
  });

  it('is nothing by a grant for a single customer or supplier', () => {
    const party = { type: 'customer', id: '10021' } as const;
    expect(seen([grant({ party })])).toBe('absent');
    expect(seen([grant({ permissions: onlyApproves }), grant({ permissions: onlyReads, party })])).toBe('hidden');
  });

  it('is nothing to a delegate of what is closed to delegated access', () => {
    expect(seen([grant()], 'A', { isDelegate: true })).toBe('hidden');
  });

  it('is a part of it where every role by which they read it hides a field of the command', () => {
    expect(seen([grant({ fields: hides })])).toBe('part');
    expect(seen([grant({ permissions: onlyApproves }), grant({ permissions: onlyReads, fields: hides })])).toBe('part');
    expect(seen([grant({ fields: hides }), grant({ permissions: onlyReads })])).toBe('whole');
    expect(seen([grant({ fields: { 'deals.deal.other': 'hide' } })])).toBe('whole');
  });

  it('is nothing of a command that is no more', () => {
    const of = { operation: 'deals.deal.gone', companyId: 'A' };
    expect(sightOf({ grants: [grant()], isDelegate: false }, of, approve, approvables)).toBe('hidden');
  });
});

describe('a request', () => {
  it('has no guarded field in its summary', () => {
    expect(summaryOf(close, { companyId: 'A', note: 'Zaphod' })).toBe('Deal');
  });

  it('names the record of the kit that it changes, or will make', () => {
    const lead = record('deals.lead', { one: 'lead', many: 'leads', icon: 'flag', calledBy: 'name', fields: { name: field.text('Name') } }); // prettier-ignore
    expect(recordOf(lead, { id: 'l1' }, 'new')).toEqual({ recordType: 'deals.lead', recordId: 'l1' });
    expect(recordOf(lead, { name: 'Zaphod' }, 'new')).toEqual({ recordType: 'deals.lead', recordId: 'new' });
    expect(recordOf(null, { id: 'l1' }, 'new')).toEqual({ recordType: null, recordId: null });
  });
});
