import { TestBed } from '@angular/core/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { shown, visit, words } from '../../../testing/page';
import { type Asked, company, entry, everything, house, never, person, Refusal, serve } from '../../../testing/server';
import { Live } from '../../core/live';
import { shownText, soughtAt, storedText } from './mention-text';

const other = { id: '0195f000-0000-7000-8000-0000000000ab', name: 'Ola Nordmann', role: 'Staff' };
const path = `/c/${company.id}/entries/${entry(41).id}`;
const detail = {
  ...entry(41),
  documentDate: null,
  lines: [],
  debit: '0.00',
  credit: '0.00',
  reverses: null,
  reversedBy: null,
  importId: null,
  source: null,
  stamp: { trail: '1', position: '1', recordedAt: null },
};
const comment = (more: Record<string, unknown> = {}) => ({
  threadId: '0195f000-0000-5000-8000-0000000000c0',
  commentId: '0195f000-0000-7000-8000-0000000000c1',
  author: person.id,
  text: `Ask <@${other.id}>, please`,
  status: 'written',
  writtenAt: '2026-04-09T07:12:41Z',
  changedAt: '2026-04-09T07:12:41Z',
  version: 1,
  ...more,
});
const may = [...everything, 'collaboration.thread.read', 'collaboration.thread.follow', 'collaboration.comment.write'];
const collaboration = 'GET /v1/collaboration/comments';
const open = (routes: Record<string, unknown>, permissions = may) =>
  serve({
    ...house(permissions),
    'GET /v1/accounting/companies/*/entries/*': detail,
    'GET /v1/identity/people': { items: [person, other] },
    'GET /v1/collaboration/followed-records': { threadId: comment().threadId, following: false, followers: [other.id] },
    [collaboration]: { items: [], next: null },
    ...routes,
  });

afterEach(() => vi.unstubAllGlobals());

describe('comments on a record', () => {
  it('are shown with the names of those who are mentioned, and asked for by type, id and company', async () => {
    const asked = open({ [collaboration]: { items: [comment()], next: null } });
    const { element } = await visit(path);
    expect(words(await shown(element, '.comment-text', 'Ask'))).toBe('Ask @Ola Nordmann, please');
    const [one] = asked.filter((request) => request.path.endsWith('/comments'));
    expect(Object.fromEntries(one!.query)).toMatchObject({
      recordType: 'accounting.entry', recordId: entry(41).id, companyId: company.id,
    }); // prettier-ignore
  });

  it('say so when there are none', async () => {
    open({});
    expect(words(await shown((await visit(path)).element, '.comments', 'Nobody has'))).toContain(
      'Nobody has said anything',
    );
  });

  it('show what failed in their place', async () => {
    open({ [collaboration]: new Refusal(500, 'platform.internal-error', 'It broke.') });
    const { element } = await visit(path);
    expect(words(await shown(element, '.comments', 'It broke.'))).toContain('It broke.');
    expect(element.querySelector('.comments textarea')).toBeNull();
  });

  it('wait without a jump', async () => {
    open({ [collaboration]: never });
    const { element } = await visit(path);
    await shown(element, '.comments .sk');
  });

  it('come page after page, all of one moment: what was edited on a page behind the first is shown as it is now', async () => {
    const id = (n: number) => `0195f000-0000-7000-8000-0000000000d${n}`;
    let text = 'Before';
    open({
      [collaboration]: ({ query }: Asked) =>
        query.has('cursor')
          ? { items: [comment({ commentId: id(2), text })], next: null }
          : { items: [comment({ commentId: id(1), text: 'First' })], next: 'two' },
      'PATCH /v1/collaboration/threads/*/comments/*': () => {
        text = 'After';
        return { id: id(2), version: 2, position: '9' };
      },
    });
    const { element } = await visit(path);
    (await shown(element, '.comments button', 'Earlier comments')).click();
    const second = await shown(element, '.comment-list > li', 'Before');
    (await shown(second, 'button', 'Edit')).click();
    (await shown(second, '.comment-foot button', 'Save')).click();
    await shown(element, '.comment-list .comment-text', 'After');
    expect(words(element)).not.toContain('Before');
    expect(words(element)).toContain('First');
  });

  it('are in the list only once the field is empty, though a hint of them comes before the answer', async () => {
    let items: unknown[] = [];
    const answered = Promise.withResolvers<unknown>();
    const asked = open({
      [collaboration]: () => ({ items, next: null }),
      'POST /v1/collaboration/comments': () => answered.promise,
    });
    const { element } = await visit(path);
    const box = await shown<HTMLTextAreaElement>(element, '.comments textarea');
    await shown(element, '.comments', 'Nobody has');
    box.value = 'Mine';
    box.dispatchEvent(new Event('input'));
    (await shown(element, '.comment-foot button:enabled', 'Comment')).click();
    await vi.waitFor(() => expect(asked.some(({ method }) => method === 'POST')).toBe(true));
    const reads = () => asked.filter((one) => one.method === 'GET' && one.path.endsWith('/comments')).length;
    const before = reads();
    items = [comment({ text: 'Mine' })];
    TestBed.inject(Live).again('comments');
    TestBed.tick();
    expect([reads(), box.value]).toEqual([before, 'Mine']);
    answered.resolve({ id: 'x', version: 1, position: '9' });
    await shown(element, '.comment-text', 'Mine');
    expect(box.value).toBe('');
  });

  it('are written with a mention that is chosen by keyboard', async () => {
    const asked = open({ 'POST /v1/collaboration/comments': { id: 'x', version: 1, position: '9' } });
    const { element } = await visit(path);
    const box = await shown<HTMLTextAreaElement>(element, '.comments textarea');
    const press = (key: string, more: KeyboardEventInit = {}) =>
      box.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
    box.value = 'Ask @ola';
    box.setSelectionRange(8, 8);
    box.dispatchEvent(new Event('input'));
    expect(words(await shown(element, '[role="option"]'))).toBe('Ola Nordmann');
    press('Enter');
    await vi.waitFor(() => expect(box.value).toBe('Ask @Ola Nordmann '));
    press('Enter', { ctrlKey: true });
    await vi.waitFor(() =>
      expect(asked.some(({ method, path: at }) => method === 'POST' && at.endsWith('/comments'))).toBe(true),
    );
    expect(asked.find(({ method, path: at }) => method === 'POST' && at.endsWith('/comments'))?.body).toEqual({
      recordType: 'accounting.entry', recordId: entry(41).id, companyId: company.id, text: `Ask <@${other.id}>`,
    }); // prettier-ignore
    await vi.waitFor(() => expect(box.value).toBe(''));
  });

  it('mention the right one of two people of one name, who are told apart by their addresses', async () => {
    const [one, two] = ['one', 'two'].map((at, n) => ({
      ...other,
      id: other.id.slice(0, -1) + n,
      email: `${at}@north.example`,
    }));
    const asked = open({
      'GET /v1/identity/people': { items: [person, one, two] },
      'POST /v1/collaboration/comments': { id: 'x', version: 1, position: '9' },
    });
    const { element } = await visit(path);
    const box = await shown<HTMLTextAreaElement>(element, '.comments textarea');
    const type = (text: string) => {
      box.value = text;
      box.setSelectionRange(text.length, text.length);
      box.dispatchEvent(new Event('input'));
    };
    type('@ola');
    (await shown(element, '[role="option"]', 'two@')).dispatchEvent(new MouseEvent('mousedown', { cancelable: true }));
    await vi.waitFor(() => expect(box.value).toBe('@Ola Nordmann (two@north.example) '));
    type(`${box.value}and @ola`);
    (await shown(element, '[role="option"]', 'one@')).dispatchEvent(new MouseEvent('mousedown', { cancelable: true }));
    await vi.waitFor(() => expect(box.value).toContain('(one@north.example)'));
    (await shown(element, '.comment-foot button:enabled', 'Comment')).click();
    await vi.waitFor(() =>
      expect(asked.find(({ method, path: at }) => method === 'POST' && at.endsWith('/comments'))?.body).toMatchObject({
        text: `<@${two!.id}> and <@${one!.id}>`,
      }),
    );
  });

  it('keep what was typed when they are refused, and say why', async () => {
    open({ 'POST /v1/collaboration/comments': new Refusal(409, 'collaboration.mention-invalid', 'Take them out.') });
    const { element } = await visit(path);
    const box = await shown<HTMLTextAreaElement>(element, '.comments textarea');
    box.value = 'Hello';
    box.dispatchEvent(new Event('input'));
    (await shown<HTMLButtonElement>(element, '.comment-foot .btn-line:not([disabled])')).click();
    expect(words(await shown(element, '.comments [role="alert"]', 'Take them out.'))).toContain('Take them out.');
    expect(box.value).toBe('Hello');
  });

  it('offer nothing to those who may only read, and changes only to their author', async () => {
    open({ [collaboration]: { items: [comment({ author: other.id })], next: null } }, may.slice(0, -1));
    const { element } = await visit(path);
    await shown(element, '.comment-text');
    expect(element.querySelector('.comments textarea')).toBeNull();
    expect(element.querySelector('.comment-deeds')).toBeNull();
  });
});

describe('the text of a comment', () => {
  const [kari, ola] = [{ id: person.id, name: 'Kari' }, { id: other.id, name: 'Kari Ola' }]; // prettier-ignore
  it('has names where it is edited and ids where it is kept', () => {
    const stored = storedText('@Kari Ola and @Kari', [kari, ola]);
    expect(stored).toBe(`<@${ola.id}> and <@${kari.id}>`);
    expect(shownText(stored, (id) => (id === kari.id ? 'Kari' : 'Kari Ola'))).toBe('@Kari Ola and @Kari');
    expect(storedText('@Kari', [])).toBe('@Kari');
  });

  it('looks for a person in front of the caret alone', () => {
    expect(soughtAt('Ask @ka', 7)).toEqual({ from: 4, words: 'ka' });
    expect(soughtAt('Ask @ka and more', 16)).toEqual({ from: 4, words: 'ka and more' });
    expect(soughtAt('kari@example.org', 10)).toBeNull();
  });
});
