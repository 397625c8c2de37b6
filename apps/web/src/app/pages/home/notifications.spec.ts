import { afterEach, describe, expect, it, vi } from 'vitest';
import { shown, visit, words } from '../../../testing/page';
import { company, everything, house, never, person, Refusal, serve } from '../../../testing/server';

const may = [...everything, 'collaboration.notification.read', 'collaboration.notification.mark'];
const list = 'GET /v1/collaboration/notifications';
const one = (n: number, more: Record<string, unknown> = {}) => ({
  ...{ notificationId: `0195f000-0000-7000-8000-00000000000${n}`, kind: 'comment', recordType: 'accounting.entry' },
  ...{ recordId: String(n), companyId: company.id, by: { kind: 'person', id: person.id } },
  ...{ operation: 'collaboration.comment.write', what: 'Write a comment', one: 'entry', title: `GL-${n}` },
  ...{ address: `c/${company.id}/entries/${n}`, at: '2026-04-09T07:12:41Z', isRead: false, ...more },
});
const open = (routes: Record<string, unknown>) =>
  serve({ ...house(may), [list]: { items: [], next: null }, ...routes });
const home = `/c/${company.id}`;

afterEach(() => vi.unstubAllGlobals());

describe('what is for oneself on Home', () => {
  it('tells what is unread, and is marked as read one by one and all at once', async () => {
    let items = [one(1), one(2), one(3, { isRead: true })];
    const asked = open({
      [list]: () => ({ items, next: null }),
      'POST /v1/collaboration/notifications/*/reading': () => {
        items = [{ ...one(1), isRead: true }, ...items.slice(1)];
        return { id: 'x', version: 2, position: '9' };
      },
      'POST /v1/collaboration/notifications/reading': () => {
        items = items.map((item) => ({ ...item, isRead: true }));
        return { id: 'x', version: 1, position: '10' };
      },
    });
    const { element } = await visit(home);
    const unread = () => element.querySelectorAll('.feed .unread').length;
    (await shown(element, '.feed .unread button')).click();
    await vi.waitFor(() => expect(unread()).toBe(1));
    expect(asked.some(({ path }) => path.endsWith(`${one(1).notificationId}/reading`))).toBe(true);
    expect(document.activeElement?.textContent).toContain('GL-1');
    (await shown(element, '.sec button', 'Mark all as read')).click();
    await vi.waitFor(() => expect(unread()).toBe(0));
    expect(words(element)).not.toContain('Mark all as read');
  });

  it('shows further pages, and says why something could not be done', async () => {
    open({
      [list]: ({ query }: { query: URLSearchParams }) =>
        query.has('cursor') ? { items: [one(2)], next: null } : { items: [one(1)], next: 'two' },
      'POST /v1/collaboration/notifications/reading': new Refusal(503, 'platform.unavailable', 'Try again later.'),
    });
    const { element } = await visit(home);
    (await shown(element, 'db-notifications button', 'Show more')).click();
    await vi.waitFor(() => expect(element.querySelectorAll('.feed li')).toHaveLength(2));
    (await shown(element, '.sec button', 'Mark all as read')).click();
    await shown(element, 'db-notifications .notice', 'Try again later.');
  });

  it('says that there is nothing', async () => {
    open({});
    await shown((await visit(home)).element, 'db-notifications', 'Nothing yet.');
  });
  it('waits without a jump', async () => {
    open({ [list]: never });
    await shown((await visit(home)).element, 'db-notifications .sk');
  });
  it('shows what failed in its place', async () => {
    open({ [list]: new Refusal(500, 'platform.internal-error', 'It broke.') });
    await shown((await visit(home)).element, 'db-notifications', 'It broke.');
  });
});
