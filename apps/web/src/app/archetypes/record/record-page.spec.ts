import { afterEach, describe, expect, it, vi } from 'vitest';
import { press, shown, visit, words } from '../../../testing/page';
import { company, entry, house, Refusal, serve } from '../../../testing/server';

const detail = (more: Record<string, unknown> = {}) => ({
  ...entry(41),
  documentDate: null,
  lines: [
    {
      line: 1,
      account: '6340',
      accountName: 'Electricity',
      side: 'debit',
      amount: '41000.50',
      debit: '41000.50',
      credit: null,
    },
    {
      line: 2,
      account: '2400',
      accountName: 'Trade payables',
      side: 'credit',
      amount: '41000.50',
      debit: null,
      credit: '41000.50',
    },
  ],
  debit: '41000.50',
  credit: '41000.50',
  reverses: null,
  reversedBy: null,
  importId: null,
  source: null,
  stamp: { trail: '1', position: '1', recordedAt: null },
  ...more,
});
const path = `/c/${company.id}/entries/${entry(41).id}`;
const route = 'GET /v1/accounting/companies/*/entries/*';

afterEach(() => vi.unstubAllGlobals());

describe('the record archetype', () => {
  it('shows fields, lines and their totals from the declaration', async () => {
    serve({ ...house(), [route]: detail() });
    const { element } = await visit(path);
    expect(words(await shown(element, 'h1', 'PU-2026-0041'))).toBe('PU-2026-0041 Posted');
    expect(words(await shown(element, '.record-fields'))).toContain('Amount, NOK 41 000,50');
    expect(words(await shown(element, '.lines tfoot'))).toContain('Total debit equals credit');
    expect((await shown<HTMLAnchorElement>(element, '.lines a', '6340')).getAttribute('href')).toBe(
      `/c/${company.id}/accounts/6340`,
    );
  });

  it('shows the history in sentences, with reason and trail number', async () => {
    const said = {
      key: 'e1', trail: '39538', recordedAt: '2026-04-09T07:12:41Z', says: 'posted PU-2026-0041', channel: 'console',
      reason: 'The coffee bar is a fixture', actor: { kind: 'person', id: 'p', name: 'Ingrid Solbakken' }, changes: [],
    }; // prettier-ignore
    serve({ ...house(), [route]: detail(), 'GET /v1/audit/events': { items: [said], next: null } });
    const { element } = await visit(path);
    const history = await shown(element, '.timeline', 'posted');
    expect(words(history)).toContain('Thursday 9 April 2026');
    expect(words(history)).toContain(
      'Ingrid Solbakken posted PU-2026-0041 The coffee bar is a fixture 09:12:41 Console',
    );
    expect(words(history)).toContain('39 538');
  });

  it('shows what reversed it, and no action its state forbids', async () => {
    serve({
      ...house(),
      [route]: detail({ status: 'reversed', reversedBy: { entryId: entry(42).id, number: 'PU-2026-0042' } }),
    });
    const { element } = await visit(path);
    expect(words(await shown(element, '.lineage'))).toContain('PU-2026-0042');
    expect([...element.querySelectorAll('.acts button')].map(words)).not.toContain('Reverse…');
  });

  it('asks for what the operation needs, pins the version, and says what was done', async () => {
    const log = serve({
      ...house(),
      [route]: detail(),
      'POST /v1/accounting/companies/*/entries/*/reverse': { id: entry(42).id, version: 1, position: '48214' },
    });
    const { element } = await visit(path);
    (await shown(element, '.acts button', 'Reverse…')).click();
    const dialog = await shown(element, 'dialog', 'Reverse PU-2026-0041?');
    const date = dialog.querySelector<HTMLInputElement>('[name="date"]');
    date!.value = '9 Apr 2026';
    date!.dispatchEvent(new Event('input'));
    (await shown(dialog, '.btn-main', 'Reverse')).click();
    await shown(element, '.toast', 'Reverse: PU-2026-0041');
    const sent = log.find((one) => one.method === 'POST' && one.path.endsWith('/reverse'));
    expect(sent?.body).toEqual({ date: '2026-04-09' });
    expect(sent?.headers.get('if-match')).toBe('"1"');
    expect(sent?.headers.get('idempotency-key')).toBeTruthy();
    await vi.waitFor(() => expect(log.at(-1)?.query.get('min-position')).toBe('48214'));
  });

  it('puts a refusal at its field and keeps what was entered', async () => {
    const closed = new Refusal(409, 'accounting.period-closed', 'March 2026 is closed.', {
      errors: [{ pointer: '/date', code: 'accounting.period-closed', message: 'March 2026 is closed.' }],
    });
    serve({ ...house(), [route]: detail(), 'POST /v1/accounting/companies/*/entries/*/reverse': closed });
    const { element } = await visit(path);
    await shown(element, '.acts button', 'Reverse…');
    press('r');
    const dialog = await shown(element, 'dialog', 'Reverse PU-2026-0041?');
    const date = dialog.querySelector<HTMLInputElement>('[name="date"]');
    date!.value = '31 Mar 2026';
    date!.dispatchEvent(new Event('input'));
    (await shown(dialog, '.btn-main', 'Reverse')).click();
    await shown(dialog, '.field .hint.bad', 'March 2026 is closed.');
    expect(date!.value).toBe('31 Mar 2026');
    expect(date!.getAttribute('aria-invalid')).toBe('true');
  });

  it('says that a record is not here, without a trace of whether it is elsewhere', async () => {
    serve({ ...house(), [route]: new Refusal(404, 'accounting.entry-not-found', 'There is no such entry.') });
    const { element } = await visit(path);
    await shown(element, '.empty', 'The entry cannot be found');
  });
});
