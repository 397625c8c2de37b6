import { addAccount, addJournal, changeAccount, createCompany, postEntry, reverseEntry } from '@daybook/accounting';
import { startApp, type TestApp } from '@daybook/testing/app';
import { listEvents, readEvent } from './trail.operations.js';

describe('the audit trail of the whole product', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  it('says who did what to a record, what changed, and what a request caused', async () => {
    const books = await app.client('Accountant');
    const { id: companyId } = await books.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' });
    await books.execute(addJournal, { companyId, code: 'GL', name: 'General' });
    for (const [number, name] of [['1500', 'Receivables'], ['3000', 'Sales']] as const) {
      await books.execute(addAccount, { companyId, number, name, class: number === '3000' ? 'income' : 'asset' });
    } // prettier-ignore
    await books.execute(changeAccount, { companyId, number: '1500', name: 'Trade receivables', class: 'asset' });
    const { id: entryId } = await books.execute(postEntry, {
      companyId,
      journal: 'GL',
      date: '2026-03-31',
      description: 'Invoice',
      lines: [
        { account: '1500', side: 'debit', amount: '100.00' },
        { account: '3000', side: 'credit', amount: '100.00' },
      ],
    });
    await books.execute(reverseEntry, { companyId, entryId });
    await app.settle();

    const auditor = await app.client('Auditor');
    const ofAccount = await auditor.ask(listEvents, {
      recordType: 'accounting.account',
      recordId: `${companyId}/1500`,
    });
    expect(ofAccount.items.map((e) => [e.says, e.changes])).toEqual([
      [
        'changed account 1500 Trade receivables',
        [{ field: 'name', before: 'Receivables', after: 'Trade receivables' }],
      ],
      ['added account 1500 Receivables', []],
    ]);
    const ofEntry = await auditor.ask(listEvents, { recordType: 'accounting.entry', recordId: entryId });
    expect(ofEntry.items.map((e) => e.says)).toEqual(['reversed GL-2026-0001', 'posted GL-2026-0001']);
    expect(ofEntry.items[0]!.actor).toMatchObject({ kind: 'person', name: expect.any(String) });

    const read = await auditor.ask(readEvent, { eventId: ofEntry.items[0]!.eventId });
    expect(read.caused.map((e) => e.type).sort()).toEqual(['accounting.entry-posted', 'accounting.entry-reversed']);
    expect(read.data).toMatchObject({ entryId });
    expect(read.address).toBe('127.0.0.1');
    const { rows } = await app.projector.pool.query<{ clear: number; sealed: number }>(
      `select count(*) filter (where meta::text like '%127.0.0.1%')::int as clear,
              count(*) filter (where meta->>'address' like 'sealed:%')::int as sealed from store.events`,
    );
    expect(rows[0]).toEqual({ clear: 0, sealed: expect.any(Number) });
    expect(rows[0]!.sealed).toBeGreaterThan(0);

    const past = await auditor.ask(listEvents, { recordType: 'accounting.entry', recordId: entryId }, { knownAt: ofEntry.items[1]!.trail }); // prettier-ignore
    expect(past.items).toHaveLength(1);
    const first = await auditor.ask(listEvents, { limit: 2 });
    const second = await auditor.ask(listEvents, { limit: 2, cursor: first.next! });
    expect(Number(second.items[0]!.trail)).toBe(Number(first.items[1]!.trail) - 1);
    expect(first.items[0]!.trail).toBe(read.stamp.trail);
  });

  it("shows one tenant nothing of another's", async () => {
    const north = await app.client('Auditor');
    const south = await app.client('Auditor', 'south');
    const { items } = await north.ask(listEvents, {});
    await south.get(`/v1/audit/events/${items[0]!.eventId}`).expect(404);
    const theirs = await south.ask(listEvents, {});
    const ids = new Set(items.map((e) => e.eventId));
    expect(theirs.items.filter((e) => ids.has(e.eventId))).toEqual([]);
  });
});
