import { copiesOf } from '@daybook/kernel/testing/copies';
import { accountAdded, accountChanged, accountRemoved, companyCreated, entryReversed } from './ledger.events.js';
import {
  accepted,
  account,
  company,
  created,
  entry,
  fold,
  given,
  id,
  journal,
  posted,
  rejected,
  someBooks,
} from './testing/given.js';

describe('a company', () => {
  const input = { name: 'Nordlys Kaffe AS', currency: 'NOK', zone: 'Europe/Oslo', fiscalYearStart: 1 };
  it('is the first event of its ledger', () => {
    const decision = accepted(given().when('accounting.company.create', input, { newId: company }));
    expect(decision).toMatchObject({ id: company, version: 1, events: [companyCreated.of({ id: company, ...input })] });
  });
  it('is created once', () => {
    expect(rejected(given(created()).when('accounting.company.create', input)).code).toBe('accounting.company-exists');
  });
  it('needs a valid time zone', () => {
    const rejection = rejected(given().when('accounting.company.create', { ...input, zone: 'Europe/Atlantis' }));
    expect(rejection.errors).toMatchObject([{ pointer: '/zone', code: 'accounting.zone-invalid' }]);
  });
});

describe('an account', () => {
  const remove = 'accounting.account.remove';
  const notFound = 'accounting.account-not-found';
  const bank = { number: '1930', name: 'Bank', class: 'asset' as const, postingAllowed: true };
  it('is added with version 1', () => {
    const decision = accepted(given(created()).when('accounting.account.add', bank));
    expect(decision).toMatchObject({ id: `${company}/1930`, version: 1 });
    expect(decision.events[0]).toMatchObject({
      type: 'accounting.account-added',
      data: { companyId: company, ...bank },
    });
  });
  it('is refused when its number exists', () => {
    const rejection = rejected(given(created(), account('1930', 'Till')).when('accounting.account.add', bank));
    expect(rejection).toMatchObject({ code: 'accounting.account-exists', errors: [{ pointer: '/number' }] });
    expect(rejection.message).toContain('Till');
  });
  it('cannot take a number that reports use for computed lines', () => {
    const rejection = rejected(given(created()).when('accounting.account.add', { ...bank, number: 'results' }));
    expect(rejection.code).toBe('accounting.account-reserved');
  });
  it('gets a new version when it changes', () => {
    const decision = accepted(
      given(created(), account('1930', 'Till')).when('accounting.account.change', bank, { expectedVersion: 1 }),
    );
    expect(decision).toMatchObject({
      version: 2,
      events: [accountChanged.of({ companyId: company, number: bank.number, name: bank.name })],
    });
  });
  it('keeps the fields that a change leaves out', () => {
    const heading = accountChanged.of({ companyId: company, ...bank, class: 'equity', postingAllowed: false });
    const { number } = bank;
    const decision = accepted(
      given(created(), account('1930'), heading).when('accounting.account.change', { number, name: 'Safe' }),
    );
    expect(decision.events).toEqual([accountChanged.of({ companyId: company, number, name: 'Safe' })]);
    const after = fold([created(), account('1930'), heading, ...decision.events]).accounts.get(number);
    expect(after).toMatchObject({ number, name: 'Safe', class: 'equity', postingAllowed: false, version: 3 });
    const none = given(created(), account('1930'), heading).when('accounting.account.change', { number });
    expect(accepted(none)).toMatchObject({ version: 2, events: [] });
  });
  it('is not changed from a stale version', () => {
    const change = accountChanged.of({ companyId: company, number: bank.number, name: bank.name });
    const decision = given(created(), account('1930'), change).when('accounting.account.change', bank, {
      expectedVersion: 1,
    });
    expect(rejected(decision)).toMatchObject({ code: 'platform.version-stale', status: 412 });
  });
  it('keeps its version when nothing changes', () => {
    const decision = accepted(given(created(), account('1930', 'Bank')).when('accounting.account.change', bank));
    expect(decision).toMatchObject({ version: 1, events: [] });
  });
  it('costs about as many copies in a large chart as in a small one, when it is added, changed, posted to or removed', () => {
    const copiesForEach = (count: number): number => {
      const numbers = Array.from({ length: count }, (_, n) => `A${n}`);
      const line = (account: string, side: 'debit' | 'credit') => ({ account, side, amount: '1.00' });
      const events = [
        created(),
        ...numbers.map((number) => account(number)),
        ...numbers.map((number) => accountChanged.of({ companyId: company, number, name: 'Till' })),
        ...numbers.map((number, n) => posted(n, { lines: [line(number, 'debit'), line(number, 'credit')] })),
        ...numbers.map((number) => accountRemoved.of({ companyId: company, number, name: 'Till' })),
      ];
      return copiesOf(() => expect(fold(events).usedAccounts.size).toBe(count)) / events.length;
    };
    expect(copiesForEach(4_000) - copiesForEach(500)).toBeLessThan(3 * 4);
  });
  it('is removed while nothing was ever posted to it, and its number is free again', () => {
    const books = [created(), account('1930', 'Till')];
    const decision = accepted(given(...books).when(remove, { number: '1930' }, { expectedVersion: 1 }));
    const removed = accountRemoved.of({ companyId: company, number: '1930', name: 'Till' });
    expect(decision).toMatchObject({ id: `${company}/1930`, version: 2, events: [removed] });
    const after = given(...books, ...decision.events);
    expect(rejected(after.when(remove, { number: '1930' }))).toMatchObject({ code: notFound, status: 404 });
    expect(rejected(after.when('accounting.account.change', bank)).code).toBe(notFound);
    // The version runs on: who saw the first account does not change the second.
    const again = accepted(after.when('accounting.account.add', bank));
    expect(again).toMatchObject({ version: 3, events: [accountAdded.of({ companyId: company, ...bank })] });
    const second = given(...books, ...decision.events, ...again.events);
    expect(rejected(second.when(remove, { number: '1930' }, { expectedVersion: 1 })).status).toBe(412);
    expect(accepted(second.when(remove, { number: '1930' }, { expectedVersion: 3 })).version).toBe(4);
  });
  it('stays once something was posted to it, also when that was reversed', () => {
    const lines = entry(1).lines;
    const reversal = entryReversed.of({
      ...{ companyId: company, entryId: id(1), number: 'GL-2026-0001' },
      reversedBy: { entryId: id(2), number: 'GL-2026-0002' },
    });
    const books = given(...someBooks(), posted(1), posted(2, { kind: 'reversal' }), reversal);
    for (const { account: number } of lines) {
      const refused = rejected(books.when(remove, { number }));
      expect(refused).toMatchObject({ code: 'accounting.account-used', details: { number } });
      expect(refused.message).toContain('turn off “Posting allowed”');
    }
    expect(accepted(books.when(remove, { number: '2700' })).events).toHaveLength(1);
  });
  it('cannot be changed when it is not in the chart', () => {
    expect(rejected(given(created()).when('accounting.account.change', bank))).toMatchObject({
      code: 'accounting.account-not-found',
      status: 404,
    });
  });
});

describe('a journal', () => {
  it('is added once per code', () => {
    const input = { code: 'GL', name: 'General' };
    expect(accepted(given(created()).when('accounting.journal.add', input)).id).toBe(`${company}/GL`);
    const again = rejected(given(created(), journal('GL')).when('accounting.journal.add', input));
    expect(again).toMatchObject({ code: 'accounting.journal-exists', errors: [{ pointer: '/code' }] });
  });
});
