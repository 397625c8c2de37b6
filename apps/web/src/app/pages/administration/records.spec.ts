import { ApplicationRef } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fill, press, shown, visit, words } from '../../../testing/page';
import { company, everything, house, Refusal, serve } from '../../../testing/server';
import { ids, permissions } from './testing/answers';

const may = [
  ...everything, 'identity.service.read', 'identity.service.create', 'identity.api-key.read', 'identity.api-key.issue',
  'identity.api-key.revoke', 'identity.grant.read', 'identity.grant.give', 'identity.grant.revoke', 'identity.role.read',
  'identity.sod-rule.read', 'identity.sod-rule.set', 'identity.sod-rule.remove', 'approvals.rule.read',
  'approvals.rule.set', 'identity.member.read', 'identity.member.deactivate', 'identity.member.sign-out',
  'identity.member.reactivate',
]; // prettier-ignore
const service = { serviceId: ids.role, name: 'Bank feed', description: 'Reads bank lines', status: 'active', createdAt: '2026-11-20T08:00:00.000Z', version: 1 }; // prettier-ignore
const key = {
  keyId: ids.review, name: 'Server in Oslo', prefix: 'dbk_fe14589e', holder: 'service', holderId: ids.role, holderName: 'Bank feed',
  scopes: ['accounting.*.read'], until: '2027-03-01T00:00:00.000Z', addresses: [], issuedAt: '2026-11-20T08:00:00.000Z', issuedBy: ids.kari,
  revokedAt: null, revokedReason: null, lastUsedAt: null, status: 'active', version: 1,
}; // prettier-ignore
const routes = (more: Record<string, unknown> = {}) => ({
  ...house(may),
  'GET /v1/identity/services': { items: [service], next: null },
  'GET /v1/identity/api-keys': { items: [key], next: null },
  'GET /v1/identity/grants': { items: [] },
  'GET /v1/identity/roles': { items: [{ roleId: 'Auditor', name: 'Auditor' }] },
  'GET /v1/identity/permissions': permissions,
  ...more,
});

afterEach(() => vi.unstubAllGlobals());

describe('a record of administration', () => {
  it('is found in its list where the list is whole, with the rows that belong to it', async () => {
    const log = serve(routes());
    const { element } = await visit(`/services/${ids.role}`);
    expect(words(await shown(element, 'h1', 'Bank feed'))).toBe('Bank feed Active');
    expect(words(await shown(element, '.sub-rows', 'Server in Oslo'))).toContain('dbk_fe14589e');
    await shown(element, '.none', 'No role is granted');
    expect(log.find((one) => one.path === '/v1/identity/api-keys')?.query.get('holderId')).toBe(ids.role);
  });

  it('gives the focus back to the button when its dialog is left', async () => {
    serve(routes());
    const { element } = await visit(`/services/${ids.role}`);
    const button = await shown(element, '.section-head button', 'Give a role…');
    button.focus();
    button.click();
    const dialog = await shown(element, 'dialog', 'Give Bank feed a role');
    dialog.querySelector('select')?.focus();
    (await shown(dialog, 'button', 'Cancel')).click();
    await vi.waitFor(() => expect(element.querySelector('dialog')).toBeNull());
    expect(document.activeElement).toBe(button);
  });

  it('keeps what is typed in a dialog when somebody presses beside it, and asks before a reload', async () => {
    serve(routes());
    const { element } = await visit('/services');
    (await shown(element, '.acts .btn-main')).click();
    const dialog = await shown(element, 'dialog');
    await shown(dialog, '[name="name"]');
    const reload = (): boolean => !dispatchEvent(new Event('beforeunload', { cancelable: true }));
    expect(reload()).toBe(false);
    fill(dialog, 'name', 'Bank feed');
    TestBed.inject(ApplicationRef).tick();
    dialog.dispatchEvent(new Event('pointerdown'));
    TestBed.inject(ApplicationRef).tick();
    expect(element.querySelector('dialog')).not.toBeNull();
    expect(reload()).toBe(true);
    fill(dialog, 'name', '');
    TestBed.inject(ApplicationRef).tick();
    expect(reload()).toBe(false);
    dialog.dispatchEvent(new Event('pointerdown'));
    await vi.waitFor(() => expect(element.querySelector('dialog')).toBeNull());
  });

  it('offers neither reactivation nor roles for an erased person', async () => {
    const member = {
      personId: ids.kari, name: null, email: null, roles: [], status: 'deactivated', secondFactor: false, lastSeenAt: null,
      since: '2026-11-20T08:00:00.000Z', version: 2,
    }; // prettier-ignore
    const live = { ...member, name: 'Kari Nes' };
    let row = live;
    serve(routes({ 'GET /v1/identity/members/*': () => row }));
    const { element } = await visit(`/users/${ids.kari}`);
    await shown(element, '.acts button', 'Reactivate…');
    await shown(element, '.section-head button', 'Give a role…');
    row = member as never;
    TestBed.resetTestingModule();
    const again = await visit(`/users/${ids.kari}`);
    await shown(again.element, 'h1', 'Erased person');
    expect(again.element.querySelector('.acts button, .section-head button')).toBeNull();
  });

  it('says that it cannot be found when the list does not contain it', async () => {
    serve(routes());
    const { element } = await visit(`/services/${ids.kari}`);
    await shown(element, '.empty', 'The service account cannot be found');
    expect(words(await shown(element, 'h1'))).toBe('Service accounts');
  });

  it('issues an API key with the chosen scopes, and shows its secret once', async () => {
    const issued = { keyId: ids.review, secret: 'dbk_fe14589e_whole', prefix: 'dbk_fe14589e', until: '2027-03-01T22:59:59.000Z', position: '9' }; // prettier-ignore
    const log = serve(routes({ 'POST /v1/identity/services/*/api-keys': issued }));
    const { element } = await visit(`/services/${ids.role}`);
    (await shown(element, '.acts .btn-main', 'Issue an API key')).click();
    const dialog = await shown(element, 'dialog', 'Issue an API key of Bank feed');
    const all = await shown(dialog, '.tick-list .option', 'Everything that only reads');
    expect([...dialog.querySelectorAll('.tick-list .grp')].map(words)).toContain('Books: entry');
    all.querySelector('input')?.click();
    fill(dialog, 'name', 'Server in Oslo');
    fill(dialog, 'until', '1 Mar 2027');
    fill(dialog, 'addresses', '10.0.0.1\n10.1.0.0/16');
    (await shown(dialog, '.btn-main', 'Issue an API key')).click();
    const secret = await shown<HTMLInputElement>(element, '.secret input');
    expect(secret.value).toBe('dbk_fe14589e_whole');
    const sent = log.find((one) => one.method === 'POST' && one.path.endsWith('/api-keys'));
    expect(sent?.body).toEqual({
      name: 'Server in Oslo',
      // A day means its end, in the zone of the books.
      until: '2027-03-01T22:59:59.000Z',
      scopes: ['accounting.*.read'],
      addresses: ['10.0.0.1', '10.1.0.0/16'],
    });
    expect(sent?.headers.get('idempotency-key')).toBeNull();
    press('Escape');
    expect(element.querySelector('.secret')).not.toBeNull();
    (await shown(element, '.secret .btn-main', 'It is kept')).click();
    await vi.waitFor(() => expect(element.querySelector('dialog')).toBeNull());
  });

  it('gives a role in a company, and shows a segregation of duties violation in the dialog', async () => {
    const conflict = new Refusal(
      409,
      'identity.sod-violated',
      'A person who gives roles could post what nobody checks.',
    );
    const log = serve(routes({ 'POST /v1/identity/grants': conflict }));
    const { element } = await visit(`/services/${ids.role}`);
    (await shown(element, '.section-head .btn', 'Give a role')).click();
    const dialog = await shown(element, 'dialog', 'Give Bank feed a role');
    await shown(dialog, 'option', 'Auditor');
    expect(words(await shown(dialog, '[name="companyId"]'))).toContain('Whole tenant Nordlys Kaffe AS');
    fill(dialog, 'role', 'Auditor');
    fill(dialog, 'companyId', company.id);
    (await shown(dialog, '.btn-main', 'Give a role')).click();
    await shown(dialog, '.notice.bad', 'A person who gives roles could post what nobody checks.');
    expect(log.find((one) => one.method === 'POST' && one.path === '/v1/identity/grants')?.body).toEqual({
      holder: 'service',
      holderId: ids.role,
      role: 'Auditor',
      companyId: company.id,
    });
  });

  it('opens a row without a page of its own beside the list, with its actions', async () => {
    const rule = {
      ruleId: 'give-and-post', first: 'identity.grant.give', firstTitle: 'Give a role', second: 'accounting.entry.post',
      secondTitle: 'Post an entry', risk: 'Who gives rights could post.', mitigation: null, onDocument: false, builtIn: true, version: 0,
    }; // prettier-ignore
    const log = serve(
      routes({
        'GET /v1/identity/sod-rules': { items: [rule] },
        'PUT /v1/identity/sod-rules/*': { id: 'x', version: 1, position: '9' },
      }),
    );
    const { element } = await visit('/segregation-of-duties');
    (await shown(element, 'button.drill', 'give-and-post')).click();
    const drawer = await shown(element, 'aside.drawer', 'Who gives rights could post.');
    expect([...drawer.querySelectorAll('.row button')].map(words)).toEqual(['Change…', 'Remove…']);
    (await shown(drawer, '.row button', 'Change')).click();
    const dialog = await shown(element, 'dialog', 'Change give-and-post?');
    await shown(dialog, 'optgroup[label="Books: entry"] option', 'Post an entry');
    fill(dialog, 'risk', 'He could post what nobody checks.');
    (await shown(dialog, '.btn-main', 'Change')).click();
    await vi.waitFor(() => expect(log.some((one) => one.method === 'PUT')).toBe(true));
    // What was not touched is not sent: it stays as it is.
    expect(log.find((one) => one.method === 'PUT')?.body).toEqual({ risk: 'He could post what nobody checks.' });
    // A list that is always whole is asked without a limit.
    expect(log.find((one) => one.path === '/v1/identity/sod-rules')?.query.has('limit')).toBe(false);
  });

  it('names what is new by an id made here', async () => {
    const log = serve(
      routes({
        'GET /v1/approvals/rules': { items: [] },
        'GET /v1/approvals/operations': {
          items: [{ operation: 'accounting.entry.post', title: 'Post an entry', hasAmount: true }],
        },
        'PUT /v1/approvals/rules/*': { id: ids.role, version: 1, position: '9' },
      }),
    );
    const { element } = await visit('/approvals/rules');
    (await shown(element, '.acts .btn-main', 'New rule')).click();
    const dialog = await shown(element, 'dialog', 'Set rule');
    await shown(dialog, 'option', 'Post an entry');
    fill(dialog, 'operation', 'accounting.entry.post');
    fill(dialog, 'above', '10 000');
    fill(dialog, 'approvers', '2');
    (await shown(dialog, '.btn-main', 'Set rule')).click();
    await vi.waitFor(() => expect(log.some((one) => one.method === 'PUT')).toBe(true));
    const sent = log.find((one) => one.method === 'PUT');
    expect(sent?.path).toMatch(/\/rules\/[\da-f]{8}-/);
    expect(sent?.body).toEqual({ operation: 'accounting.entry.post', above: '10000', approvers: 2 });
  });
});
