import { afterEach, describe, expect, it, vi } from 'vitest';
import { press, shown, visit, words } from '../../testing/page';
import { company, everything, house, serve, session } from '../../testing/server';

const administration = [
  'approvals.request.read', 'identity.member.read', 'identity.role.read', 'identity.policy.read', 'identity.review.read',
]; // prettier-ignore
const all = [...everything, ...administration];
const other = { ...company, id: '0195f000-0000-7000-8000-000000000002', name: 'Fjell AS' };
const inOne = (permissions: readonly string[], companyId = company.id) => ({
  ...house(),
  'POST /v1/identity/session/refresh': session(['identity.session.read', ...permissions], [{ companyId, permissions }]),
  'GET /v1/accounting/companies': { items: [company, other] },
});
const items = (element: Element): string[] => [...element.querySelectorAll('.rail li a')].map(words);

afterEach(() => vi.unstubAllGlobals());

describe('the rail', () => {
  it('shows the pages of the whole tenant to people with rights there', async () => {
    serve(house(all));
    const { element } = await visit('/account/profile');
    await shown(element, '.rail a', 'Entries');
    expect(items(element)).toEqual(expect.arrayContaining(['Entries', 'Approvals', 'Roles', 'Security', 'System']));
    expect(element.querySelector('a.live')?.getAttribute('href')).toBe('/system');
  });

  it('shows a person limited to one company no page of the whole tenant, where they would be refused', async () => {
    serve(inOne(all));
    const { element } = await visit('/account/profile');
    await shown(element, '.rail a', 'Entries');
    expect(items(element)).toEqual(
      expect.arrayContaining(['Home', 'Accounts', 'Entries', 'Trial balance', 'Imports', 'Approvals', 'System']),
    );
    for (const page of ['Users', 'Roles', 'Security', 'Access reviews']) expect(items(element)).not.toContain(page);
  });

  it('shows the pages of the company one is in, not those held in another one', async () => {
    serve(inOne(['accounting.company.read', 'accounting.entry.read'], other.id));
    const { element } = await visit(`/c/${company.id}`);
    await shown(element, '.rail a', 'Home');
    await vi.waitFor(() => expect(items(element)).toEqual(['Home', 'Companies']));
    const there = await shown(element, '#companies .option', 'Fjell AS');
    there.click();
    await vi.waitFor(() => expect(items(element)).toEqual(['Home', 'Entries', 'Companies']));
  });

  it('leads a supplier, who may not list companies, to their subledger lines', async () => {
    serve(inOne(['accounting.subledger-line.read']));
    const { element } = await visit('/');
    const items = await shown<HTMLAnchorElement>(element, '.rail a', 'Subledger lines');
    expect(items.getAttribute('href')).toBe(`/c/${company.id}/subledger-lines`);
    // Home offers the same way, and no figure that never comes.
    await shown(element, 'main .todo-list a', 'Subledger lines');
    expect(element.querySelector('main .strip, main .sk')).toBeNull();
  });

  it('tells members without a role in a company so, instead of showing an empty page', async () => {
    serve({ ...house(), 'POST /v1/identity/session/refresh': session(['identity.session.read']) });
    const { element } = await visit('/');
    expect(words(await shown(element, '.empty', 'No books are open to you'))).toContain(
      'An administrator can give you one',
    );
  });

  it('and the palette offer the same pages', async () => {
    serve(inOne(all));
    const { element } = await visit('/account/profile');
    await shown(element, '.rail a', 'Entries');
    press('k', { ctrlKey: true });
    const input = await shown<HTMLInputElement>(element, '.palette input');
    input.value = 'use';
    input.dispatchEvent(new Event('input'));
    await vi.waitFor(() => expect(words(element.querySelector('.palette') ?? element)).not.toContain('Entries'));
    expect(words(element.querySelector('.palette') ?? element)).not.toContain('Users');
  });
});

describe('the bar', () => {
  it('shows the live state without a link to people who may not open the system page', async () => {
    serve(house(['accounting.company.read', 'accounting.entry.read']));
    const { element } = await visit('/account/profile');
    await shown(element, 'span.live');
    expect(element.querySelector('a.live')).toBeNull();
  });
});
