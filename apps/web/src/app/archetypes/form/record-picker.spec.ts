import { afterEach, describe, expect, it, vi } from 'vitest';
import { contactView } from '../../../../../../examples/context/src/contact/contact.view';
import { fill, shown, visit, words } from '../../../testing/page';
import { everything, house, never, Refusal, serve } from '../../../testing/server';

const id = (n: number): string => `0195f000-0000-7000-8000-00000000c00${n}`;
const contact = (n: number, name = `Vera Lund ${n}`) => ({
  id: id(n), name, email: null, phone: null, title: null, manager: null, owner: null, language: null, status: 'active', version: 1,
}); // prettier-ignore
const permissions = ['read', 'create', 'change'].map((verb) => `crm.contact.${verb}`);

afterEach(() => vi.unstubAllGlobals());

/** The form of a contact, with the field that finds another one; `list` answers searches of contacts. */
async function picker(list: (text: string | null) => unknown, may = permissions) {
  const log = serve({
    ...house([...everything, ...may]),
    'GET /v1/crm/contacts/*': contact(1),
    'GET /v1/crm/contacts': ({ query }: { query: URLSearchParams }) =>
      // What is related to the contact, and what is called how, is not what the picker asks for.
      query.has('manager') || query.has('id') ? { items: [], next: null } : list(query.get('text')),
  });
  const { element } = await visit(`/contacts/${id(1)}`, [contactView]);
  (await shown(element, 'button', 'Change contact')).click();
  const dialog = await shown(element, 'dialog', 'Change contact');
  const box = await shown<HTMLInputElement>(dialog, '[name="manager"]');
  const press = (key: string) =>
    box.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  return { log, element, dialog, box, press };
}
const found = (...contacts: object[]) => ({ items: contacts, next: null });

describe('the picker of a record', () => {
  it('stays closed when it is pressed again after Escape', async () => {
    const { dialog, box, press } = await picker(() => found(contact(2)));
    box.dispatchEvent(new Event('focus'));
    await shown(dialog, '[role="option"]', 'Vera Lund 2');
    press('Escape');
    await vi.waitFor(() => expect(dialog.querySelector('.drop')).toBeNull());
    box.click();
    await shown(dialog, '[role="option"]', 'Vera Lund 2');
  });

  it('loses what was found when Tab leaves the field', async () => {
    const { dialog, box, press } = await picker((text) => (text === 'ida' ? found(contact(3, 'Ida Boss')) : found()));
    box.dispatchEvent(new Event('focus'));
    fill(dialog, 'manager', 'ida');
    await shown(dialog, '[aria-selected="true"]', 'Ida Boss');
    expect(press('Tab')).toBe(true);
    box.dispatchEvent(new Event('blur'));
    await vi.waitFor(() => expect(box.value).toBe('Ida Boss'));
  });

  it('shows an empty box while it searches, and calls nothing a name when there is none', async () => {
    const { dialog, box } = await picker((text) => (text === null ? found() : never), ['crm.contact.read', 'crm.contact.change']); // prettier-ignore
    box.dispatchEvent(new Event('focus'));
    await shown(dialog, '.drop-foot', 'There are none yet.');
    fill(dialog, 'manager', 'ida');
    await shown(dialog, '.drop-foot', 'Searching');
  });

  it('does not say that there are more than it shows', async () => {
    const { dialog, box } = await picker(() => found(...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => contact(n))));
    box.dispatchEvent(new Event('focus'));
    await shown(dialog, '.drop-foot', 'The first 8. Type more to find others.');
  });

  it('cannot be asked again when the search failed', async () => {
    let fails = true;
    const { dialog, box } = await picker(() =>
      fails ? new Refusal(500, 'platform.unexpected', 'It broke.') : found(contact(2)),
    );
    box.dispatchEvent(new Event('focus'));
    expect(words(await shown(dialog, '.drop-foot', 'It broke.'))).toContain('Try again');
    fails = false;
    (await shown(dialog, '.drop-foot button', 'Try again')).click();
    await shown(dialog, '[role="option"]', 'Vera Lund 2');
  });

  it('asks again for the name that was typed when the record is created', async () => {
    const { element, dialog, box, press } = await picker(() => found());
    box.dispatchEvent(new Event('focus'));
    fill(dialog, 'manager', 'Nora Ny');
    await shown(dialog, '[aria-selected="true"]', 'New contact');
    press('Enter');
    const inner = await shown(element, 'dialog[aria-label="New contact"]');
    expect((await shown<HTMLInputElement>(inner, '[name="name"]')).value).toBe('Nora Ny');
  });
});
