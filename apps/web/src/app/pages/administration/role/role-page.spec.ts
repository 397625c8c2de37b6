import { TestBed } from '@angular/core/testing';
import { Router } from '@angular/router';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { address, shown, visit, words } from '../../../../testing/page';
import { everything, house, Refusal, serve } from '../../../../testing/server';
import { Leaving } from '../../../core/leaving';
import { ids, permissions, role } from '../testing/answers';

const may = [
  ...everything,
  'identity.role.read',
  'identity.role.define',
  'identity.role.change',
  'identity.role.remove',
];
const routes = (more: Record<string, unknown> = {}) => ({
  ...house(may),
  'GET /v1/identity/permissions': permissions,
  'GET /v1/identity/roles/*': role(),
  ...more,
});
const key = (element: HTMLElement, name: string): void => {
  element.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));
};
const node = (element: Element, label: string): Promise<HTMLElement> => shown(element, '[role="treeitem"]', label);
/** The node that has the one tab stop of the tree. */
const stop = (element: Element): string =>
  words(element.querySelector('[role="treeitem"][tabindex="0"] .what') ?? element);
const type = (element: Element, selector: string, text: string): void => {
  const field = element.querySelector<HTMLInputElement>(selector);
  if (field === null) throw new Error(`No ${selector}.`);
  field.value = text;
  field.dispatchEvent(new Event('input'));
};

afterEach(() => vi.unstubAllGlobals());

describe('the role editor', () => {
  it('opens, walks and ticks the tree by keyboard, with three states', async () => {
    serve(routes());
    const { element } = await visit(`/roles/${ids.role}`);
    const books = await node(element, 'Books');
    expect(books.getAttribute('aria-checked')).toBe('mixed');
    books.focus();
    key(books, 'ArrowRight');
    const entry = await node(element, 'Entry');
    expect(books.getAttribute('aria-expanded')).toBe('true');
    key(books, 'ArrowRight');
    await vi.waitFor(() => expect(stop(element)).toBe('Everything that only reads'));
    key(await node(element, 'Everything that only reads'), 'ArrowDown');
    await vi.waitFor(() => expect(stop(element)).toBe('Entry'));
    key(entry, ' ');
    await vi.waitFor(() => expect(entry.getAttribute('aria-checked')).toBe('true'));
    key(entry, ' ');
    await vi.waitFor(() => expect(entry.getAttribute('aria-checked')).toBe('false'));
    key(entry, 'End');
    await vi.waitFor(() => expect(stop(element)).toBe('People and rights'));
    key(books, 'ArrowLeft');
    await vi.waitFor(() => expect(books.getAttribute('aria-expanded')).toBe('false'));
  });

  it('loses a change that is not saved to another page, without a question', async () => {
    serve(routes());
    const { element } = await visit(`/roles/${ids.role}`);
    await node(element, 'Books');
    const leave = () => TestBed.inject(Router).navigateByUrl('/account/profile');
    const { asking } = TestBed.inject(Leaving);
    type(element, '#role-name', 'Another name');
    const left = leave();
    const dialog = await shown(element, 'dialog', 'Leave without saving?');
    (await shown(dialog, 'button', 'Stay here')).click();
    expect(await left).toBe(false);
    expect(address()).toBe(`/roles/${ids.role}`);
    type(element, '#role-name', role().name);
    await vi.waitFor(() => expect(asking()).toBeNull());
    expect(await leave()).toBe(true);
  });

  it('says the role in plain words, and what saving adds and takes away before it is saved', async () => {
    const log = serve(routes({ 'PUT /v1/identity/roles/*': { id: ids.role, version: 4, position: '9' } }));
    const { element } = await visit(`/roles/${ids.role}`);
    expect(words(await shown(element, '.side', 'May see'))).toContain('May see Books List entries');
    expect(words(await shown(element, '.side', 'Who has it'))).toContain('Kari Nes');
    key(await node(element, 'People and rights'), ' ');
    const notice = await shown(element, '.notice.warn', 'Not saved');
    expect(words(notice)).toContain('for 1 holder');
    expect(words(notice)).toContain('Adds Give a role');
    (await shown(element, '.acts .btn-main', 'Save role')).click();
    await shown(element, '.toast, .side', 'In plain words');
    await vi.waitFor(() => expect(log.some((one) => one.method === 'PUT')).toBe(true));
    const sent = log.find((one) => one.method === 'PUT');
    // What was not touched is not sent: it stays as it is.
    expect(sent?.body).toEqual({ permissions: ['accounting.entry.read', 'identity.grant.give'] });
    expect(sent?.headers.get('if-match')).toBe('"3"');
  });

  it('shows a built-in role without a way to change it, and offers a copy', async () => {
    serve(routes({ 'GET /v1/identity/roles/*': role({ roleId: 'Auditor', name: 'Auditor', builtIn: true }) }));
    const { element } = await visit('/roles/Auditor');
    const books = await node(element, 'Books');
    key(books, ' ');
    expect(books.getAttribute('aria-disabled')).toBe('true');
    expect(books.getAttribute('aria-checked')).toBe('mixed');
    expect([...element.querySelectorAll('.acts .btn')].map(words)).toEqual(['Copy as a new role']);
    expect((await shown<HTMLAnchorElement>(element, '.acts a', 'Copy')).getAttribute('href')).toBe(
      '/roles/new?from=Auditor',
    );
  });

  it('defines a new role from a copy, with field rules, and goes to it', async () => {
    const log = serve(routes({ 'POST /v1/identity/roles': { id: ids.role, version: 1, position: '9' } }));
    const { element } = await visit('/roles/new?from=Auditor');
    await node(element, 'Books');
    type(element, '#role-name', 'Junior');
    (await shown<HTMLInputElement>(element, '.field-rules label:nth-child(2) input')).click();
    (await shown(element, '.acts .btn-main', 'Define role')).click();
    await vi.waitFor(() => expect(address()).toBe(`/roles/${ids.role}`));
    expect(log.find((one) => one.method === 'POST' && one.path === '/v1/identity/roles')?.body).toEqual({
      name: 'Junior',
      description: 'Books bills',
      permissions: ['accounting.entry.read'],
      fields: [{ field: 'identity.person.email', rule: 'mask' }],
    });
  });

  it('puts a refused name at its field, and keeps what was ticked', async () => {
    const taken = new Refusal(409, 'identity.role-name-exists', 'There is a role Clerk already.', {
      errors: [{ pointer: '/name', code: 'identity.role-name-exists', message: 'There is a role Clerk already.' }],
    });
    serve(routes({ 'POST /v1/identity/roles': taken }));
    const { element } = await visit('/roles/new');
    const people = await node(element, 'People and rights');
    (await shown(element, '.acts .btn-main', 'Define role')).click();
    await shown(element, '#role-name-hint', 'The role needs a name.');
    key(people, ' ');
    type(element, '#role-name', 'Clerk');
    (await shown(element, '.acts .btn-main', 'Define role')).click();
    await shown(element, '#role-name-hint', 'There is a role Clerk already.');
    expect(people.getAttribute('aria-checked')).toBe('true');
  });

  it('names the missing permission to people who may not open it', async () => {
    serve(house());
    const { element } = await visit('/roles/new');
    expect(words(await shown(element, '.empty'))).toContain('It needs identity.role.read');
  });
});
