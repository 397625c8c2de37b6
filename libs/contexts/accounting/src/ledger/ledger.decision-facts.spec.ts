import { isRejection } from '@daybook/kernel';
import { addAccount } from '../account/account.operations.js';
import { createCompany } from '../company/company.operations.js';
import { postEntry, reverseEntry } from '../entry/entry.operations.js';
import { entryStaged, importChecked, importStarted } from '../import/import.events.js';
import { postImport } from '../import/import.operations.js';
import { addJournal } from '../journal/journal.operations.js';
import { stagedEntryId } from './applied-entry.js';
import { entryHeld } from './ledger.events.js';
import {
  importStream,
  ledgerRevisionsOf,
  ledgerStream,
  readOriginalEntry,
  stagedStream,
} from './ledger.decision-facts.js';
import { company, id, posted, someBooks, tenant } from './testing/given.js';
import { MemoryLedger } from './testing/memory-ledger.js';
import { found, importId, report, staged } from './testing/staged.js';

describe('the decision facts of the ledger', () => {
  it('finds an entry that was posted alone, and only in its own company', async () => {
    const memory = new MemoryLedger();
    const made = await memory.execute(createCompany, { name: 'Nordlys', currency: 'NOK' }, 'c');
    if (isRejection(made)) throw new Error(made.code);
    const companyId = made.id;
    await memory.execute(addAccount, { companyId, number: '1920', name: 'Bank', class: 'asset' }, '1');
    await memory.execute(addAccount, { companyId, number: '3000', name: 'Sales', class: 'income' }, '2');
    await memory.execute(addJournal, { companyId, code: 'GL', name: 'General' }, 'j');
    const lines = [
      { account: '1920', side: 'debit' as const, amount: '5' },
      { account: '3000', side: 'credit' as const, amount: '5' },
    ];
    const posted = await memory.execute(
      postEntry,
      { companyId, journal: 'GL', date: '2026-01-02', description: 'A', lines },
      'e',
    );
    if (isRejection(posted)) throw new Error(posted.code);
    const state = memory.state(companyId);
    expect(await readOriginalEntry(memory.events, tenant, companyId, posted.id, state)).toMatchObject({
      description: 'A',
    });
    expect(await readOriginalEntry(memory.events, tenant, companyId, id(404), state)).toBeNull();
    const reversed = await memory.execute(reverseEntry, { companyId, entryId: posted.id }, 'r');
    expect(isRejection(reversed)).toBe(false);
    const again = await memory.execute(reverseEntry, { companyId, entryId: posted.id }, 'r2');
    expect(again).toMatchObject({ code: 'accounting.entry-already-reversed' });
  });

  it('finds a staged entry by its id, and reverses it', async () => {
    const memory = new MemoryLedger();
    const stream = importStream(tenant, importId);
    memory.append(stream, importStarted.of(found().started!));
    for (const index of [0, 1, 2]) memory.append(stagedStream(tenant, importId), entryStaged.of(staged(index)));
    memory.append(stream, importChecked.of(report()));
    const answer = await memory.execute(postImport, { companyId: company, importId, openingDifference: '2999' }, 'p');
    expect(answer).toMatchObject({ id: importId, version: 3 });
    const entryId = stagedEntryId(importId, 2);
    const original = await readOriginalEntry(memory.events, tenant, company, entryId, memory.state(company));
    expect(original).toMatchObject({ number: 'GL-2026-0002', description: 'Transaction 2' });
    const reversed = await memory.execute(reverseEntry, { companyId: company, entryId }, 'r');
    expect(isRejection(reversed)).toBe(false);
    expect(memory.streams.get(ledgerStream(tenant, company))?.at(-2)?.data).toMatchObject({
      number: 'GL-2026-0003',
      reverses: { entryId, number: 'GL-2026-0002' },
    });
  });

  it('knows the revisions of each record of the ledger', () => {
    const memory = new MemoryLedger();
    const about = { companyId: company, entryId: id(1), number: 'GL-2026-0001' };
    const books = [...someBooks(), posted(1), entryHeld.of({ ...about, reason: 'Waiting' })];
    for (const event of books) memory.append(ledgerStream(tenant, company), event);
    const revisions = (type: string, record: string) =>
      ledgerRevisionsOf(memory.state(company), { type: `accounting.${type}`, id: record });
    expect(revisions('entry', id(1))).toEqual([books.length - 2, books.length - 1]);
    expect(revisions('account', `${company}/1920`)).toEqual([1]);
    expect(revisions('journal', `${company}/GL`)).toEqual([5]);
    expect(revisions('company', company)).toEqual([0]);
    expect(revisions('entry', id(404))).toEqual([]);
    expect(revisions('import', importId)).toEqual([]);
  });

  it('counts the posting of an import as the first act on its entries and accounts', async () => {
    const memory = new MemoryLedger();
    const stream = importStream(tenant, importId);
    memory.append(stream, importStarted.of(found().started!));
    for (const index of [0, 1, 2]) memory.append(stagedStream(tenant, importId), entryStaged.of(staged(index)));
    memory.append(stream, importChecked.of(report()));
    await memory.execute(postImport, { companyId: company, importId, openingDifference: '2999' }, 'p');
    const state = memory.state(company);
    const accounts = [...state.accounts.keys()].map(
      (number) => ['accounting.account', `${company}/${number}`] as const,
    );
    for (const [type, record] of [['accounting.entry', stagedEntryId(importId, 2)] as const, ...accounts]) {
      expect(ledgerRevisionsOf(state, { type, id: record })).toEqual([0]);
    }
  });

  it('answers 404 for an import that does not exist', async () => {
    const answer = await new MemoryLedger().execute(postImport, { companyId: company, importId }, 'p');
    expect(answer).toMatchObject({ code: 'accounting.import-not-found', status: 404 });
  });
});
