import { create, field, listOf, record, viewOf } from '@daybook/kernel';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { contactView } from '../../../../../../examples/context/src/contact/contact.view';
import { fill, shown, visit, words } from '../../../testing/page';
import { everything, house, person, serve } from '../../../testing/server';

const id = (n: number): string => `0195f000-0000-7000-8000-00000000c00${n}`;
const contact = (n: number, more: Record<string, unknown> = {}) => ({
  id: id(n),
  name: `Vera Lund ${n}`,
  email: 'vera@example.com',
  phone: null,
  title: 'CFO',
  manager: null,
  owner: person.id,
  language: 'nb',
  status: 'active',
  version: 3,
  ...more,
});
const done = { id: id(1), version: 4, position: '9' };
const permissions = ['read', 'create', 'change', 'archive', 'restore'].map((verb) => `crm.contact.${verb}`);
const routes = (more: Record<string, unknown> = {}) => ({
  ...house([...everything, ...permissions]),
  'GET /v1/crm/contacts': { items: [contact(1), contact(2, { status: 'archived' })], next: null },
  'GET /v1/crm/contacts/*': contact(1),
  ...more,
});

afterEach(() => vi.unstubAllGlobals());

describe('the screen of a record that is declared by its fields', () => {
  it('lists it with the labels and words of its fields', async () => {
    const log = serve(routes());
    const { element } = await visit('/contacts?owner=me&order=-name', [contactView]);
    await shown(element, 'tbody tr', 'Vera Lund 2');
    expect([...element.querySelectorAll('thead th')].map(words)).toEqual(
      expect.arrayContaining(['Name', 'Title', 'Reports to', 'E-mail', 'Owner', 'Status']),
    );
    expect(words(await shown(element, 'tbody .badge'))).toBe('Archived');
    expect(words(await shown(element, '.chip', 'Owner'))).toContain('Owner is Me');
    const asked = log.find(({ path }) => path === '/v1/crm/contacts');
    expect([asked?.query.getAll('owner'), asked?.query.getAll('sort')]).toEqual([['me'], ['-name']]);
  });

  it('shows one with its facts, what may be done with it, and what is related', async () => {
    const log = serve(routes());
    const { element } = await visit(`/contacts/${id(1)}`, [contactView]);
    expect(words(await shown(element, 'h1', 'Vera'))).toBe('Vera Lund 1 Active');
    await shown(element, 'dd', 'Norwegian');
    await shown(element, '.acts button', 'Archive');
    expect([...element.querySelectorAll('.acts button')].map(words)).not.toContain('Restore…');
    await shown(element, 'section td', 'Vera Lund 2');
    expect(log.find(({ path }) => path === '/v1/crm/contacts')?.query.getAll('manager')).toEqual([id(1)]);
  });

  it('tells its history in the words of its fields', async () => {
    const event = (changes: object[]) => ({
      key: id(8), eventId: id(8), recordedAt: '2026-03-31T12:00:00Z', recordType: 'crm.contact', trail: '41', channel: 'rest', reason: null,
      actor: { kind: 'person', id: person.id, name: person.name }, says: 'changed the contact Vera Lund 1', changes,
    }); // prettier-ignore
    const changes = [
      { field: 'language', before: 'en', after: 'nb' },
      { field: 'owner', before: '', after: person.id },
      { field: 'status', before: 'archived', after: 'active' },
    ];
    serve(routes({ 'GET /v1/audit/events': { items: [event(changes)], next: null } }));
    const { element } = await visit(`/contacts/${id(1)}`, [contactView]);
    expect(words(await shown(element, '.delta', 'Language'))).toContain('English');
    expect(words(await shown(element, '.delta', 'Language'))).toContain('Norwegian');
    await shown(element, '.delta', person.name);
    expect(words(await shown(element, '.delta', 'Status'))).toBe('Status Archived Active');
  });

  it('creates one through a form of its fields', async () => {
    const log = serve(routes({ 'POST /v1/crm/contacts': done }));
    const { element } = await visit('/contacts', [contactView]);
    (await shown(element, '.acts .btn-main', 'New contact')).click();
    const dialog = await shown(element, 'dialog', 'New contact');
    await shown(dialog, '[name="owner"] option', person.name);
    await shown(dialog, '[name="language"] option', 'German');
    expect(dialog.querySelector('[name="status"]')).toBeNull();
    fill(dialog, 'name', 'Ola Nes');
    fill(dialog, 'language', 'de');
    (await shown(dialog, '.btn-main', 'New contact')).click();
    await vi.waitFor(() => expect(log.some(({ method, path }) => method === 'POST' && path === '/v1/crm/contacts')).toBe(true)); // prettier-ignore
    expect(log.find(({ method, path }) => method === 'POST' && path === '/v1/crm/contacts')?.body).toEqual({ name: 'Ola Nes', language: 'de' }); // prettier-ignore
  });

  it('says what a new one is called, by the field that its type declares', async () => {
    const truck = record('fleet.truck', {
      one: 'truck', many: 'trucks', icon: 'truck', calledBy: 'plate',
      fields: { plate: field.text('Plate'), name: field.text('Name', { optional: true }) },
    }); // prettier-ignore
    const list = listOf(truck, { sorts: ['plate'] });
    const trucks = viewOf(list, { columns: ['plate'], actions: { create: create(truck) }, empty: 'None.' });
    serve({
      ...house([...everything, 'fleet.truck.read', 'fleet.truck.create']),
      'GET /v1/fleet/trucks': { items: [], next: null },
      'POST /v1/fleet/trucks': done,
    });
    const { element } = await visit('/trucks', [trucks]);
    (await shown(element, '.acts .btn-main', 'New truck')).click();
    const dialog = await shown(element, 'dialog', 'New truck');
    await shown(dialog, '[name="plate"]');
    fill(dialog, 'plate', 'NF 12345');
    fill(dialog, 'name', 'The old one');
    (await shown(dialog, '.btn-main', 'New truck')).click();
    expect(words(await shown(element, '.toast', 'New truck'))).toContain('New truck: NF 12345');
  });

  it('says whom an invitation went to, whose list has no page for each', async () => {
    serve({
      ...house([...everything, 'identity.invitation.read', 'identity.invitation.send', 'identity.role.read']),
      'GET /v1/identity/invitations': { items: [], next: null },
      'GET /v1/identity/roles': { items: [{ roleId: 'Auditor', name: 'Auditor' }] },
      'POST /v1/identity/invitations': done,
    });
    const { element } = await visit('/users/invitations');
    (await shown(element, '.acts .btn-main', 'Invite')).click();
    const dialog = await shown(element, 'dialog', 'Invite');
    await shown(dialog, '[name="email"]');
    fill(dialog, 'email', 'kari@example.no');
    await shown(dialog, 'option', 'Auditor');
    fill(dialog, 'role', 'Auditor');
    (await shown(dialog, '.btn-main', 'Invite')).click();
    expect(words(await shown(element, '.toast', 'Invite'))).toContain('Invite: kari@example.no');
  });

  it('counts the rows that match by one question, without reading them', async () => {
    const asked: URLSearchParams[] = [];
    serve(
      routes({
        'GET /v1/crm/contacts': ({ query }: { query: URLSearchParams }) => {
          if (!query.has('count')) return { items: [contact(1)], next: 'two' };
          asked.push(query);
          return { items: [contact(1)], next: 'two', count: 4321 };
        },
      }),
    );
    const { element } = await visit('/contacts?owner=me', [contactView]);
    (await shown(element, '.foot button', 'Count all')).click();
    await shown(element, '.foot', '4 321 in all');
    expect(asked.map((query) => [query.get('owner'), query.get('limit'), query.get('cursor')])).toEqual([['me', '1', null]]); // prettier-ignore
  });

  it('names records that others name, in one question, with a link', async () => {
    const asked: URLSearchParams[] = [];
    const page = { items: [contact(1, { manager: id(3) }), contact(2, { manager: id(4) })], next: null };
    const log = serve(
      routes({
        'GET /v1/crm/contacts': ({ query }: { query: URLSearchParams }) => {
          if (!query.has('id')) return page;
          asked.push(query);
          return { items: [contact(3, { name: 'Ida Boss' }), contact(4, { name: 'Per Chef' })], next: null };
        },
      }),
    );
    const { element } = await visit('/contacts', [contactView]);
    const link = await shown<HTMLAnchorElement>(element, 'tbody a', 'Ida Boss');
    expect(link.getAttribute('href')).toBe(`/contacts/${id(3)}`);
    await shown(element, 'tbody a', 'Per Chef');
    expect(asked.map((query) => query.getAll('id'))).toContainEqual([id(3), id(4)]);
    expect(log.length).toBeGreaterThan(0);
  });

  it('finds a record while one types its name, and creates one that is not there', async () => {
    const log = serve(
      routes({
        'GET /v1/crm/contacts': ({ query }: { query: URLSearchParams }) => ({
          items: query.get('text') === 'ida' ? [contact(3, { name: 'Ida Boss' })] : [contact(1)],
          next: null,
        }),
        'POST /v1/crm/contacts': { ...done, id: id(9) },
        'PATCH /v1/crm/contacts/*': done,
      }),
    );
    const { element } = await visit(`/contacts/${id(1)}`, [contactView]);
    (await shown(element, 'button', 'Change contact')).click();
    const dialog = await shown(element, 'dialog', 'Change contact');
    const box = await shown<HTMLInputElement>(dialog, '[name="manager"]');
    box.dispatchEvent(new Event('focus'));
    fill(dialog, 'manager', 'ida');
    (await shown(dialog, '[role="option"]', 'Ida Boss')).dispatchEvent(new MouseEvent('mousedown'));
    await vi.waitFor(() => expect(box.value).toBe('Ida Boss'));
    box.dispatchEvent(new Event('focus'));
    (await shown(dialog, '[role="option"]', 'New contact…')).dispatchEvent(new MouseEvent('mousedown'));
    const inner = await shown(element, 'dialog[aria-label="New contact"]');
    fill(inner, 'name', 'Nora Ny');
    (await shown(inner, '.btn-main', 'New contact')).click();
    await vi.waitFor(() => expect(element.querySelectorAll('dialog')).toHaveLength(1));
    (await shown(dialog, '.btn-main', 'Change contact')).click();
    await vi.waitFor(() => expect(log.some(({ method }) => method === 'PATCH')).toBe(true));
    expect(log.find(({ method }) => method === 'PATCH')?.body).toEqual({ manager: id(9) });
  });

  it('filters by records that are found while one types', async () => {
    const log = serve(
      routes({
        'GET /v1/crm/contacts': ({ query }: { query: URLSearchParams }) => ({
          items: query.get('text') === 'ida' ? [contact(3, { name: 'Ida Boss' })] : [contact(1)],
          next: null,
        }),
      }),
    );
    const { element } = await visit('/contacts', [contactView]);
    (await shown(element, '#filter-add [role="menuitem"]', 'Reports to')).click();
    const find = await shown<HTMLInputElement>(element, '#filter-add #narrow');
    find.dispatchEvent(new Event('focus'));
    find.value = 'ida';
    find.dispatchEvent(new Event('input'));
    (await shown(element, '#filter-add .option', 'Ida Boss')).querySelector('input')!.click();
    (await shown(element, '#filter-add .btn-main')).click();
    expect(words(await shown(element, '.chip', 'Reports to'))).toBe('Reports to is Ida Boss');
    expect(log.findLast(({ query }) => query.has('manager'))?.query.getAll('manager')).toEqual([id(3)]);
  });

  it('offers nothing under a name that nobody has, and takes nothing that was not chosen', async () => {
    const none = ({ query }: { query: URLSearchParams }) => ({
      items: query.has('text') ? [] : [contact(1)],
      next: null,
    });
    serve({ ...routes({ 'GET /v1/crm/contacts': none }), ...house([...everything, 'crm.contact.read', 'crm.contact.change']) }); // prettier-ignore
    const { element } = await visit(`/contacts/${id(1)}`, [contactView]);
    (await shown(element, 'button', 'Change contact')).click();
    const dialog = await shown(element, 'dialog', 'Change contact');
    const box = await shown<HTMLInputElement>(dialog, '[name="manager"]');
    const press = (key: string) =>
      box.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    box.dispatchEvent(new Event('focus'));
    await shown(dialog, '[role="option"]', 'Vera Lund 1');
    // Enter sends the form: nothing was searched for.
    expect(press('Enter')).toBe(true);
    fill(dialog, 'manager', 'nobody');
    await shown(dialog, '.drop-foot', 'Nothing has this name.');
    expect(dialog.querySelector('[role="option"]')).toBeNull();
    expect([press('Enter'), box.getAttribute('aria-activedescendant')]).toEqual([false, null]);
    box.dispatchEvent(new Event('blur'));
    await vi.waitFor(() => expect(box.value).toBe(''));
  });

  it('sends of a change what was changed, for the version that was seen', async () => {
    const log = serve(routes({ 'PATCH /v1/crm/contacts/*': done }));
    const { element } = await visit(`/contacts/${id(1)}`, [contactView]);
    (await shown(element, 'button', 'Change contact')).click();
    const dialog = await shown(element, 'dialog', 'Change contact');
    fill(dialog, 'title', '');
    fill(dialog, 'phone', '+47 22 33 44 55');
    (await shown(dialog, '.btn-main', 'Change contact')).click();
    await vi.waitFor(() => expect(log.some(({ method }) => method === 'PATCH')).toBe(true));
    const sent = log.find(({ method }) => method === 'PATCH');
    expect(sent?.body).toEqual({ title: null, phone: '+47 22 33 44 55' });
    expect(sent?.headers.get('if-match')).toBe('"3"');
  });
});
