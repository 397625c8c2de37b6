import { TestBed } from '@angular/core/testing';
import { Router } from '@angular/router';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Leaving } from '../../core/leaving';
import { Session } from '../../core/session';
import { address, shown, visit } from '../../../testing/page';
import { company, everything, house, serve } from '../../../testing/server';
import { emptyDraft } from './entry-draft';
import { KeptDrafts } from './kept-draft';

const account = (number: string, name: string) => ({ number, name, class: 'asset', postingAllowed: true, suspense: false, balance: '0.00', version: 1 }); // prettier-ignore
const routes = {
  ...house(everything),
  'GET /v1/accounting/companies/*/journals': { items: [{ code: 'PU', name: 'Purchases', version: 1 }] },
  'GET /v1/accounting/companies/*/accounts': { items: [account('6340', 'Electricity')], next: null },
};
const form = `/c/${company.id}/entries/new`;
const type = async (element: Element, text: string): Promise<void> => {
  const field = await shown<HTMLInputElement>(element, '#entry-description');
  field.value = text;
  field.dispatchEvent(new Event('input'));
};
const kept = () => Object.keys(localStorage).filter((key) => key.startsWith('daybook.draft.'));
const leave = () => TestBed.inject(Router).navigateByUrl('/account/profile');

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('an entry half typed', () => {
  it('is lost when another page is opened in the same second', async () => {
    serve(routes);
    const { element, harness } = await visit(form);
    await type(element, 'Electricity, May');
    expect(await leave()).toBe(true);
    await harness.navigateByUrl(form);
    expect((await shown<HTMLInputElement>(element, '#entry-description')).value).toBe('Electricity, May');
    await shown(element, '.acts .hint', 'Your draft, as you left it');
  });

  it('is kept for its own person, tenant and company only', async () => {
    serve(routes);
    const { element } = await visit(form);
    await type(element, 'Electricity, May');
    const session = TestBed.inject(Session).current()!;
    expect(kept()).toEqual([`daybook.draft.${session.tenant.id}.${session.person.id}.${company.id}`]);
    const drafts = TestBed.inject(KeptDrafts);
    expect(drafts.find(drafts.placeOf('another-company'))).toBeNull();
    TestBed.inject(Session).adopt({ ...session, person: { ...session.person, id: 'another-person' } });
    expect(drafts.find(drafts.placeOf(company.id))).toBeNull();
  });

  it('is removed once it is discarded or emptied', async () => {
    serve(routes);
    const { element } = await visit(form);
    await type(element, 'x');
    expect(kept()).toHaveLength(1);
    await type(element, '');
    expect(kept()).toHaveLength(0);
    await type(element, 'x');
    (await shown(element, '.acts button', 'Discard')).click();
    expect(kept()).toHaveLength(0);
  });

  it('asks before it is lost where the device keeps nothing', async () => {
    serve(routes);
    const { element } = await visit(form);
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    await type(element, 'Electricity, May');
    const reload = new Event('beforeunload', { cancelable: true });
    dispatchEvent(reload);
    expect(reload.defaultPrevented).toBe(true);
    const left = leave();
    await vi.waitFor(() => expect(TestBed.inject(Leaving).asking()).not.toBeNull());
    TestBed.inject(Leaving).asking()?.(false);
    expect(await left).toBe(false);
    expect(address()).toBe(form);
    const again = leave();
    await vi.waitFor(() => expect(TestBed.inject(Leaving).asking()).not.toBeNull());
    TestBed.inject(Leaving).asking()?.(true);
    expect(await again).toBe(true);
  });
});

it('a draft that cannot be read is as good as none', () => {
  localStorage.setItem('daybook.draft.a', '{"lines":7}');
  const drafts = TestBed.inject(KeptDrafts);
  expect(drafts.find('daybook.draft.a')).toBeNull();
  expect(drafts.keep(null, { ...emptyDraft('GL', ''), description: 'x' })).toBe(false);
});
