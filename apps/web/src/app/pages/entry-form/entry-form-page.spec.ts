import { afterEach, describe, expect, it, vi } from 'vitest';
import { address, shown, visit, words } from '../../../testing/page';
import { company, everything, house, person, Refusal, serve } from '../../../testing/server';

const id = '0195f000-0000-7000-8000-00000000e001';
const input = {
  companyId: company.id,
  journal: 'PU',
  date: '2026-05-12',
  kind: 'normal',
  description: 'Electricity',
  lines: [
    { account: '6340', side: 'debit', amount: '250000.00' },
    { account: '2400', side: 'credit', amount: '250000.00', description: 'May' },
  ],
};
const command = (more: object = {}) => ({
  id, operation: 'accounting.entry.post', operationTitle: 'Post an entry', summary: 'Entry of 250 000,00',
  amount: '250000.00', companyId: company.id, status: 'pending', requestedBy: person.id, requestedAt: '2026-05-12T08:00:00.000Z',
  given: 1, needed: 2, approverRoles: [], yourPart: 'own', stuck: false, version: 2, input, fields: [],
  expectedVersion: null, requirements: [], approvals: [], problem: null, result: null, reason: null, decidedBy: null,
  stuckReason: null, stamp: { trail: '9', recordedAt: '2026-05-12T08:00:00.000Z', position: '9' }, ...more,
}); // prettier-ignore
const account = (number: string, name: string) => ({ number, name, class: 'asset', postingAllowed: true, suspense: false, balance: '0.00', version: 1 }); // prettier-ignore
const approver = ['approvals.request.read', 'approvals.request.change', 'approvals.request.approve'];
const routes = (more: Record<string, unknown> = {}, permissions: readonly string[] = []) => ({
  ...house([...everything, ...approver, ...permissions]),
  'GET /v1/accounting/companies/*/journals': { items: [{ code: 'PU', name: 'Purchases', version: 1 }] },
  'GET /v1/accounting/companies/*/accounts': { items: [account('6340', 'Electricity'), account('2400', 'Creditors')], next: null }, // prettier-ignore
  'GET /v1/approvals/requests': { items: [], next: null },
  'GET /v1/approvals/requests/*': command(),
  'PUT /v1/approvals/requests/*': { id, version: 3, position: '12' },
  ...more,
});
const path = `/c/${company.id}/entries/new?approvalRequest=${id}`;
const field = (element: Element, value: string): HTMLInputElement => {
  const found = [...element.querySelectorAll('input')].find((one) => one.value.replace(/\s/g, ' ') === value);
  if (found === undefined) throw new Error(`No field holds ${value}`);
  return found;
};
const change = async (element: Element): Promise<void> => {
  await shown(element, 'h1', 'Change a pending entry');
  await vi.waitFor(() => field(element, 'Electricity'));
  (await shown(element, '.acts .btn-main', 'Change entry')).click();
};

afterEach(() => vi.unstubAllGlobals());

describe('an entry that waits for approval', () => {
  it('is changed in the form that made it, line by line, from the version that was seen', async () => {
    const log = serve(routes());
    const { element } = await visit(path);
    await vi.waitFor(() => field(element, '250 000,00'));
    const description = field(element, 'May');
    description.value = 'May 2026';
    description.dispatchEvent(new Event('input'));
    await change(element);
    await vi.waitFor(() => expect(log.some(({ method }) => method === 'PUT')).toBe(true));
    const sent = log.find(({ method }) => method === 'PUT');
    expect(sent?.path).toBe(`/v1/approvals/requests/${id}`);
    expect(sent?.headers.get('if-match')).toBe('"2"');
    // What was not touched is not sent: it stays as it is.
    expect(sent?.body).toEqual({ input: { lines: { 1: { description: 'May 2026' } } } });
    await vi.waitFor(() => expect(address()).toBe(`/approvals/${id}`));
  });

  it('is left half changed without a question', async () => {
    serve(routes());
    const { element } = await visit(path);
    await vi.waitFor(() => field(element, '250 000,00'));
    const reload = (): boolean => !dispatchEvent(new Event('beforeunload', { cancelable: true }));
    expect(reload()).toBe(false);
    const description = field(element, 'May');
    description.value = 'May 2026';
    description.dispatchEvent(new Event('input'));
    expect(reload()).toBe(true);
    // What was pressed says it already.
    (await shown(element, '.acts button', 'Keep it as it is')).click();
    await vi.waitFor(() => expect(address()).toBe(`/approvals/${id}`));
  });

  it('says at the field what the books would refuse, and waits as it was', async () => {
    const closed = new Refusal(409, 'accounting.account-closed', '2400 is closed.', {
      errors: [{ pointer: '/input/lines/1/account', code: 'closed', message: '2400 is closed.' }],
    });
    serve(routes({ 'PUT /v1/approvals/requests/*': closed }));
    const { element } = await visit(path);
    await change(element);
    expect(words(await shown(element, '.form-problem'))).toContain('It waits as it was; what you typed is kept.');
    expect(address()).toBe(path);
  });

  it('has its custom fields in the form, sends what was emptied, and says at them what the books would refuse', async () => {
    const defined = (key: string) => ({ id: key, recordType: 'accounting.entry', key, label: `The ${key}`, kind: 'text', choices: null, required: false, personal: false, position: 0, status: 'active', version: 1 }); // prettier-ignore
    const refused = new Refusal(409, 'accounting.entry-invalid', 'The project: this is not valid.', {
      errors: [{ pointer: '/input/custom/project', code: 'invalid', message: 'Choose another project.' }],
    });
    const more = {
      'GET /v1/customization/custom-fields': { items: [defined('project'), defined('hours')] },
      'GET /v1/approvals/requests/*': command({ input: { ...input, custom: { project: 'Pier', hours: '2' } } }),
      'PUT /v1/approvals/requests/*': refused,
    };
    const log = serve(routes(more, ['customization.custom-field.read']));
    const { element } = await visit(path);
    await vi.waitFor(() => field(element, 'Pier'));
    const hours = field(element, '2');
    hours.value = '';
    hours.dispatchEvent(new Event('input'));
    await change(element);
    await vi.waitFor(() => expect(log.some(({ method }) => method === 'PUT')).toBe(true));
    expect(log.find(({ method }) => method === 'PUT')?.body).toEqual({ input: { custom: { hours: null } } });
    expect(words(await shown(element, 'db-entry-custom .hint.bad'))).toContain('Choose another project.');
  });

  it('is not changed by anybody else', async () => {
    serve(routes({ 'GET /v1/approvals/requests/*': command({ yourPart: 'approve' }) }));
    const { element } = await visit(path);
    expect(words(await shown(element, '.empty'))).toContain('Only the requester can change it');
  });
});
