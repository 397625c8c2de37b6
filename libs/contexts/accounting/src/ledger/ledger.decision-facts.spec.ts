import { isRejection } from '@daybook/kernel';
import type { Caller } from '@daybook/server';
import { addAccount } from '../account/account.operations.js';
import { createCompany } from '../company/company.operations.js';
import { holdEntry, postEntry, reverseEntry } from '../entry/entry.operations.js';
import { entryStaged, importChecked, importStarted } from '../import/import.events.js';
import { postImport } from '../import/import.operations.js';
import { addJournal } from '../journal/journal.operations.js';
import { stagedEntryId } from './applied-entry.js';
import { entryHeld } from './ledger.events.js';
import {
  importStream,
  ledgerStream,
  readEarlierActs,
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

  it('names earlier acts of the caller on an entry when a segregation-of-duties rule concerns them', async () => {
    const memory = new MemoryLedger();
    const stream = ledgerStream(tenant, company);
    const commandId = id(70);
    for (const event of [...someBooks(), posted(1)])
      memory.append(stream, event, { operation: postEntry.name, commandId });
    const about = { companyId: company, entryId: id(1), number: 'GL-2026-0001' };
    memory.append(stream, entryHeld.of({ ...about, reason: 'Waiting' }), { operation: holdEntry.name });
    const poster = memory.streams.get(stream)![0]!.meta.actor;
    const state = memory.state(company);
    const acts = (caller: Partial<Caller>) =>
      readEarlierActs(memory.events, company, id(1), state, { tenant, actor: poster, ...caller } as Caller);
    const incompatibleWith = [postEntry.name];
    expect(await acts({ incompatibleWith })).toMatchObject([
      { permission: postEntry.name, at: '2026-04-01T08:00:00Z' },
    ]);
    expect(await acts({ incompatibleWith: [holdEntry.name] })).toMatchObject([{ permission: holdEntry.name }]);
    expect(await acts({})).toEqual([]);
    const other = { kind: 'person' as const, id: id(71) };
    expect(await acts({ incompatibleWith, actor: other })).toEqual([]);
    // Somebody who acts for a person may not do what that person may not do.
    expect(await acts({ incompatibleWith, actor: other, onBehalfOf: poster })).toHaveLength(1);
    // A service account may not use a second key for what it may not do with the first.
    const key = { kind: 'api-key' as const, id: id(72) };
    expect(await acts({ incompatibleWith, actor: key, peers: [id(73)] })).toEqual([]);
    expect(await acts({ incompatibleWith, actor: key, peers: [id(73), poster.id] })).toHaveLength(1);
  });

  it('names the import of an entry as an act of the caller', async () => {
    const memory = new MemoryLedger();
    const stream = importStream(tenant, importId);
    memory.append(stream, importStarted.of(found().started!));
    for (const index of [0, 1, 2]) memory.append(stagedStream(tenant, importId), entryStaged.of(staged(index)));
    memory.append(stream, importChecked.of(report()));
    await memory.execute(postImport, { companyId: company, importId, openingDifference: '2999' }, 'p');
    const [first] = memory.streams.get(ledgerStream(tenant, company))!;
    const caller = { tenant, actor: first!.meta.actor, incompatibleWith: [postImport.name] } as unknown as Caller;
    const acts = await readEarlierActs(
      memory.events,
      company,
      stagedEntryId(importId, 2),
      memory.state(company),
      caller,
    );
    expect(acts).toMatchObject([{ permission: postImport.name }]);
  });

  it('answers 404 for an import that does not exist', async () => {
    const answer = await new MemoryLedger().execute(postImport, { companyId: company, importId }, 'p');
    expect(answer).toMatchObject({ code: 'accounting.import-not-found', status: 404 });
  });
});
