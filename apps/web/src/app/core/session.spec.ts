import { provideZonelessChangeDetection } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';
import { listEntries } from '@daybook/accounting';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import '../../../../../examples/context/src/contact/contact.view';
import { everything, house, never, serve, session } from '../../testing/server';
import { Exports } from './exports';
import { Records } from './records';
import { Session, type SessionAnswer } from './session';

afterEach(() => vi.unstubAllGlobals());
beforeEach(() => TestBed.configureTestingModule({ providers: [provideZonelessChangeDetection(), provideRouter([])] }));

const id = '0195f000-0000-7000-8000-00000000c001';
const mine: SessionAnswer = { ...session([]), permissions: [...everything, 'crm.contact.read'], limited: [] };
const other = { ...mine, person: { ...mine.person, id: '0195f000-0000-7000-8000-0000000000ff', name: 'Ola' } };
const elsewhere = { ...mine, tenant: { id: '0195f000-0000-7000-8000-0000000000dd', name: 'South' } };

describe('who sits here', () => {
  /** A name and an export of one person. */
  const read = async () => {
    serve({
      ...house(),
      'GET /v1/crm/contacts': { items: [{ id, name: 'Vera Lund' }], next: null },
      'POST /v1/platform/exports': { id },
      'GET /v1/platform/exports/*': never,
    });
    const [here, records, exports] = [TestBed.inject(Session), TestBed.inject(Records), TestBed.inject(Exports)];
    const become = (answer: SessionAnswer) => {
      here.adopt(answer);
      TestBed.tick();
    };
    become(mine);
    const to = 'crm.contact';
    records.name(to, id);
    await vi.waitFor(() => expect(records.name(to, id)).toBe('Vera Lund'));
    void exports.start({ title: 'Entries', list: listEntries, input: {}, format: 'csv', columns: [] });
    await vi.waitFor(() => expect(exports.current()).toMatchObject([{ id }]));
    return { here, become, kept: () => [records.name(to, id), exports.current().length] };
  };

  it.each([
    ['another person', other],
    ['the same person in another tenant', elsewhere],
  ])('leaves neither names nor exports to %s', async (_, next) => {
    const { become, kept } = await read();
    serve({ ...house(), 'GET /v1/crm/contacts': never });
    become(next);
    expect(kept()).toEqual(['0195f000…', 0]);
  });

  it('starts no export for the next person that the one before asked for', async () => {
    const { become } = await read();
    const log = serve({ ...house(), 'POST /v1/platform/exports': { id } });
    void TestBed.inject(Exports).start({ title: 'Mine', list: listEntries, input: {}, format: 'csv', columns: [] });
    become(other);
    await vi.dynamicImportSettled();
    expect(log.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('shows neither while one acts for another', async () => {
    const { here, kept } = await read();
    const { accessToken, expiresAt } = mine;
    serve({
      ...house(),
      'POST /v1/identity/session/delegated-access': { accessToken, expiresAt },
      'GET /v1/identity/session': other,
      'GET /v1/crm/contacts': never,
    });
    await here.actFor('0195f000-0000-7000-8000-0000000000d1');
    TestBed.tick();
    expect(kept()).toEqual(['0195f000…', 0]);
  });

  it('keeps them when the session is renewed', async () => {
    const { become, kept } = await read();
    become({ ...mine, accessToken: 'renewed' });
    expect(kept()).toEqual(['Vera Lund', 1]);
  });
});
