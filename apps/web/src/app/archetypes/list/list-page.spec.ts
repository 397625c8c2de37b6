import { afterEach, describe, expect, it, vi } from 'vitest';
import { address, press, shown, visit, words } from '../../../testing/page';
import { company, entry, everything, house, never, Refusal, serve, session } from '../../../testing/server';

const path = `/c/${company.id}/entries`;
const route = 'GET /v1/accounting/companies/*/entries';
const page = (...rows: readonly unknown[]) => ({ items: rows, next: null });

afterEach(() => vi.unstubAllGlobals());

describe('the list archetype', () => {
  it('shows declared columns, each by its format', async () => {
    serve({ ...house(), [route]: page(entry(41), entry(40, { status: 'reversed' })) });
    const { element } = await visit(path);
    const row = await shown(element, 'tbody tr');
    expect(words(row)).toContain('PU-2026-0041 30 Apr 2026 Electricity 41 6340 Electricity 41 000,50 Posted IS');
    expect(element.querySelector('data.fig')?.getAttribute('value')).toBe('41000.50');
    expect(words(await shown(element, '.badge'))).toBe('Reversed');
    expect([...element.querySelectorAll('thead th')].map(words)).toContain('Main account');
  });

  it('leads from a row to its record while the companies are still read', async () => {
    serve({ ...house(), 'GET /v1/accounting/companies': never, [route]: page(entry(41)) });
    const { element } = await visit(path);
    expect((await shown(element, 'tbody a.drill')).getAttribute('href')).toBe(`${path}/${entry(41).id}`);
  });

  it('asks what the address says, in the words of the operation', async () => {
    const log = serve({ ...house(), [route]: page(entry(1)) });
    const { element } = await visit(`${path}?text=power&journal=PU,BK&amountFrom=1000&order=oldest`);
    await shown(element, 'tbody tr');
    const asked = log.find((one) => one.path.endsWith('/entries'));
    expect(asked?.query.getAll('journal')).toEqual(['PU', 'BK']);
    expect(Object.fromEntries(asked?.query ?? [])).toMatchObject({
      text: 'power',
      amountFrom: '1000',
      // The order of a former address.
      sort: 'date',
      limit: '50',
    });
    expect(asked?.headers.get('authorization')).toBe('Bearer token');
    expect(asked?.headers.get('x-daybook-channel')).toBe('console');
    expect(words(await shown(element, '.chip', 'Amount'))).toContain('Amount from 1 000,00');
  });

  it('leaves out what a filter says that it is not, typed or ticked', async () => {
    const log = serve({ ...house(), [route]: page(entry(1)) });
    const { element } = await visit(`${path}?periodNot=3&statusNot=reversed`);
    await shown(element, 'tbody tr');
    const { query } = log.find((one) => one.path.endsWith('/entries'))!;
    expect([query.getAll('periodNot'), query.getAll('statusNot')]).toEqual([['3'], ['reversed']]);
    expect(words(await shown(element, '.chip', 'Period'))).toContain('Period is not 3');
    expect(words(await shown(element, '.chip', 'Status'))).toContain('Status is not Reversed');
  });

  it('removes a filter with its cross', async () => {
    serve({ ...house(), [route]: page(entry(1)) });
    const { element } = await visit(`${path}?amountFrom=1000&cursor=abc`);
    (await shown(element, '.chip .x')).click();
    await vi.waitFor(() => expect(address()).toBe(path));
  });

  it('goes to older rows and back by keyset', async () => {
    const log = serve({
      ...house(),
      [route]: (asked: { query: URLSearchParams }) =>
        asked.query.get('cursor') === 'two' ? { items: [entry(1)], next: null } : { items: [entry(2)], next: 'two' },
    });
    const { element } = await visit(path);
    (await shown(element, '.foot button', 'Older')).click();
    await shown(element, 'tbody td', 'PU-2026-0001');
    expect(address()).toContain('cursor=two');
    (await shown(element, '.foot button', 'Newer')).click();
    await shown(element, 'tbody td', 'PU-2026-0002');
    expect(address()).toBe(path);
    expect(log.filter((one) => one.path.endsWith('/entries')).length).toBe(3);
  });

  it('sums the selection and offers the actions that fit it', async () => {
    serve({ ...house(), [route]: page(entry(1), entry(2)) });
    const { element } = await visit(path);
    await shown(element, 'tbody tr');
    press('x');
    press('j');
    press('x');
    const bar = await shown(element, '.bulk', '2 selected');
    expect(words(bar)).toContain('Sum 3 001,00');
    expect(words(bar)).toContain('Reverse…');
    press('Escape');
    await vi.waitFor(() => expect(element.querySelector('.bulk')).toBeNull());
  });

  it('goes back to the selected rows when one is left out of all that match', async () => {
    serve({ ...house(), [route]: { items: [entry(1), entry(2)], next: 'more' } });
    const { element } = await visit(path);
    const all = await shown<HTMLInputElement>(element, 'thead input[type="checkbox"]');
    all.click();
    (await shown(element, '.bulk button', 'All that match')).click();
    await shown(element, '.bulk b', 'All that match');
    (await shown<HTMLInputElement>(element, 'tbody input[type="checkbox"]')).click();
    await shown(element, '.bulk b', '1 selected');
  });

  it('peeks beside the list and keeps the drawer in the address', async () => {
    serve({ ...house(), [route]: page(entry(7)) });
    const { element } = await visit(path);
    await shown(element, 'tbody tr');
    press(' ');
    expect(words(await shown(element, 'aside.drawer', 'Electricity 7'))).toContain('Ingrid Solbakken');
    expect(address()).toContain(`peek=${entry(7).id}`);
  });

  it('says what an empty list is for, and which filter leaves nothing', async () => {
    serve({ ...house(), [route]: page() });
    const first = await visit(path);
    await shown(first.element, '.empty', 'Nothing here yet');
    await first.harness.navigateByUrl(`${path}?text=nothing`);
    const none = await shown(first.element, '.empty', 'No entry matches these filters');
    none.querySelector('button')?.click();
    await vi.waitFor(() => expect(address()).toBe(path));
  });

  it('names problem and trace when the read fails, and asks again', async () => {
    let broken = true;
    serve({
      ...house(),
      [route]: () => (broken ? new Refusal(500, 'platform.unexpected', 'It failed.') : page(entry(3))),
    });
    const { element } = await visit(path);
    const failed = await shown(element, '.empty', 'Entries could not be read');
    expect(words(failed)).toContain('Problem platform.unexpected Trace 4f2a91c0');
    broken = false;
    (await shown(element, '.empty button', 'Try again')).click();
    await shown(element, 'tbody td', 'PU-2026-0003');
  });

  it('names the permission that is missing instead of an empty page', async () => {
    serve({ ...house(everything.filter((name) => name !== 'accounting.entry.read')) });
    const { element } = await visit(path);
    const refused = await shown(element, '.empty', 'not for your role');
    expect(words(refused)).toContain('It needs accounting.entry.read. Your role, Accountant, does not have it.');
  });

  it('says that a permission is missing here when the user has it only in another company', async () => {
    const limited = [{ companyId: 'another', permissions: ['accounting.entry.read'] }];
    serve({ ...house(), 'POST /v1/identity/session/refresh': session(everything, limited) });
    const { element } = await visit(path);
    const refused = await shown(element, '.empty', 'not for your role');
    expect(words(refused)).toContain('accounting.entry.read, which you have in single companies only, and not here.');
  });

  it('offers no new entry to people who may only read entries', async () => {
    const reads = everything.filter((name) => name.endsWith('.read'));
    serve({ ...house(reads), [route]: page(entry(1)) });
    const { element } = await visit(path);
    await shown(element, 'tbody tr');
    expect(element.querySelector('.head .btn-main')).toBeNull();
    expect(words(element)).not.toContain('New entry');
  });

  it('shows a skeleton only after 300 ms', async () => {
    serve({ ...house(), [route]: never });
    const { element } = await visit(path);
    expect(element.querySelector('.sk-table')).toBeNull();
    await shown(element, '.sk-table');
  });

  it('shows no actions in the past and reads as of that moment', async () => {
    const log = serve({ ...house(), [route]: page(entry(5)) });
    const { element } = await visit(`${path}?asof=2026-03-31&known=39407`);
    await shown(element, 'tbody tr');
    const asked = log.filter((one) => one.path.endsWith('/entries')).at(-1);
    expect(asked?.query.get('known-at')).toBe('39407');
    expect(asked?.query.get('to')).toBe('2026-03-31');
    expect(element.querySelector('.head .btn-main')).toBeNull();
    expect(element.querySelector('.app.past')).not.toBeNull();
    expect(words(await shown(element, '.band'))).toContain(
      'business date up to 31 March 2026, as known at trail number 39 407.',
    );
  });
});
