import { decimals } from '@daybook/kernel';
import { accepted, account, company, created, given, id, journal, posted, rejected } from './testing/given.js';
import { found, importId, postedImport, report, staged } from './testing/staged.js';
import { appliedEntry, stagedEntryId, stagedIndexOf } from './applied-entry.js';
import { accountRemoved, importCancelled, importPosted } from './ledger.events.js';
import type { ImportForPosting } from './ledger.state.js';

const post = 'accounting.import.post';
const cancel = 'accounting.import.cancel';
const asked = (more: Partial<ImportForPosting> = {}) => ({ facts: { kind: 'import' as const, import: found(more) } });
const checked = (more: Parameters<typeof report>[0]) => asked({ checked: report(more) });
const input = { importId, openingDifference: '2999' };
const removed = (number: string) => accountRemoved.of({ companyId: company, number, name: `Account ${number}` });
const sales = { number: '3000', name: 'Turnover', class: 'income' as const, postingAllowed: true };
/** A file for books that already have entries: it has no opening entry. */
const later = { company: null, openingDifference: '0.00', staged: { ...report().staged, opening: null } };

describe('posting an import', () => {
  it('creates the company, takes numbers and names the account for the difference', () => {
    const decision = accepted(given().when(post, input, asked()));
    expect(decision).toMatchObject({ id: importId, version: 3, events: [importPosted.of(postedImport())] });
  });
  it('continues after the last number of each journal and leaves out journals that exist', () => {
    const books = [created(), account('1920'), account('2050'), journal('GL'), posted(1), posted(2)];
    const decision = accepted(given(...books).when(post, input, checked(later)));
    expect(decision.events[0]?.data).toMatchObject({
      company: null,
      accounts: [{ number: '3000' }],
      journals: [{ code: 'OB' }],
      numbers: [
        { journal: 'OB', first: 1, count: 1 },
        { journal: 'GL', first: 3, count: 2 },
      ],
      openingDifference: null,
      totals: { entries: 3, lines: 6, debit: '190.00', credit: '150.00' },
    });
  });
  it('succeeds when the import adds nothing', () => {
    const nothing = { count: 0, lines: 0, debit: '0.00', credit: '0.00', opening: null, hash: '' };
    const more = {
      company: null,
      accounts: [],
      accountsUsed: [],
      journals: [],
      blocks: [],
      staged: nothing,
      openingDifference: '0.00',
    };
    const decision = accepted(given(created()).when(post, { importId }, checked(more)));
    expect(decision.events[0]?.data).toMatchObject({ count: 0, numbers: [], totals: { entries: 0, lines: 0 } });
  });
  it('asks for an account for the opening difference', () => {
    const rejection = rejected(given().when(post, { importId }, asked()));
    expect(rejection).toMatchObject({
      code: 'accounting.opening-difference',
      details: { side: 'credit', amount: '40.00' },
      errors: [{ pointer: '/openingDifference' }],
    });
    expect(rejection.message).toContain('Debit exceeds credit by 40,00');
  });
  it('accepts an account of the chart for the difference, but refuses a heading', () => {
    const books = [created(), account('2050'), account('20', 'Equity', false)];
    const facts = checked({ company: null, basis: [] });
    const decision = accepted(given(...books).when(post, { importId, openingDifference: '2050' }, facts));
    expect(decision.events[0]?.data).toMatchObject({ openingDifference: { account: '2050' } });
    expect((decision.events[0]?.data as { accounts: unknown[] }).accounts).toHaveLength(2);
    const heading = given(...books).when(post, { importId, openingDifference: '20' }, facts);
    expect(rejected(heading).code).toBe('accounting.account-heading');
  });
  it('is refused when its openings sum to more than an amount may be, which would stop the read models', () => {
    const opening = { debit: '19999999999999999.98', credit: '19999999999999999.98' };
    const facts = checked({ openingDifference: '0.00', staged: { ...report().staged, opening } });
    expect(rejected(given().when(post, { importId }, facts)).code).toBe('accounting.opening-too-large');
  });
  it('asks for each class that the file does not state', () => {
    const accounts = report().accounts.map((facts) => ({ ...facts, class: null }));
    const open = rejected(given().when(post, input, checked({ accounts })));
    expect(open).toMatchObject({ code: 'accounting.class-undecided', details: { accounts: ['1920', '2050', '3000'] } });
    expect(open.errors[0]?.pointer).toBe('/classes/1920');
    const classes = { '1920': 'asset', '2050': 'equity', '3000': 'income' };
    const decision = accepted(given().when(post, { ...input, classes }, checked({ accounts })));
    expect(decision.events[0]?.data).toMatchObject({
      accounts: [{ class: 'asset' }, { class: 'equity' }, { class: 'income' }, {}],
    });
  });
  it('asks for the class of an account whose number is a property of every object', () => {
    const accounts = [{ ...report().accounts[0]!, number: 'constructor', class: null }];
    const open = rejected(given().when(post, { ...input, classes: {} }, checked({ accounts })));
    expect(open).toMatchObject({ code: 'accounting.class-undecided', details: { accounts: ['constructor'] } });
  });
  it('is refused while the report has errors', () => {
    const findingCounts = { error: 2, decide: 0, contradiction: 0, warning: 0 };
    expect(rejected(given().when(post, input, checked({ findingCounts }))).code).toBe('accounting.import-has-errors');
  });
  it('is refused until the report is ready, and for a refused file', () => {
    expect(rejected(given().when(post, input, asked({ checked: null }))).code).toBe('accounting.import-not-checked');
    const refused = asked({ checked: null, refused: true });
    expect(rejected(given().when(post, input, refused)).code).toBe('accounting.import-refused');
  });
  it('is outdated once another import was posted', () => {
    const other = importPosted.of(postedImport({ importId: id(71) }));
    expect(rejected(given(other).when(post, input, checked({ company: null }))).code).toBe(
      'accounting.import-outdated',
    );
    const known = checked({ ...later, basis: [id(71)] });
    expect(given(other).when(post, input, known).kind).toBe('accepted');
    // Entries posted in the meantime would count twice with the openings of the file.
    const opening = checked({ company: null });
    const byHand = given(created(), posted(1)).when(post, input, opening);
    expect(rejected(byHand).code).toBe('accounting.import-outdated');
    // Somebody created the company in the meantime.
    expect(rejected(given(created()).when(post, input, asked())).code).toBe('accounting.import-outdated');
  });
  it('is outdated once an account that it posts to was removed', () => {
    const books = [created(), account('1920'), account('2050'), removed('1920')];
    const facts = checked({ ...later, accounts: report().accounts.filter(({ number }) => number === '3000') });
    const rejection = rejected(given(...books).when(post, input, facts));
    expect(rejection).toMatchObject({ code: 'accounting.import-outdated', details: { account: '1920' } });
  });
  it('keeps the accounts that it posts to in the chart', () => {
    const books = given(importPosted.of(postedImport()));
    const remove = (number: string) => books.when('accounting.account.remove', { number });
    for (const number of ['1920', '2050', '3000', '2999'])
      expect(rejected(remove(number)).code).toBe('accounting.account-used');
  });
  it('continues the version of an account that was removed before', () => {
    const books = [created(), account('3000'), removed('3000'), account('1920'), account('2050')];
    const decision = accepted(given(...books).when(post, input, checked(later)));
    expect(decision.events[0]?.data).toMatchObject({ accounts: [{ number: '3000', version: 3 }] });
    const change = { number: '3000', name: 'Sales' };
    const after = given(...books, importPosted.of(postedImport({ accounts: [{ ...sales, version: 3 }] })));
    expect(accepted(after.when('accounting.account.change', change, { expectedVersion: 3 })).version).toBe(4);
  });
  it('happens once, and never after the import was cancelled', () => {
    const before = importPosted.of(postedImport());
    expect(rejected(given(before).when(post, input, asked())).code).toBe('accounting.import-already-posted');
    const ended = importCancelled.of({ companyId: company, importId });
    expect(rejected(given(ended).when(post, input, asked())).code).toBe('accounting.import-cancelled');
  });
  it('finds no import of another company', () => {
    const started = { ...found().started!, companyId: id(5) };
    expect(rejected(given().when(post, input, asked({ started }))).status).toBe(404);
  });
});

describe('cancelling an import', () => {
  it('is possible while the file is read and after it is checked', () => {
    const event = importCancelled.of({ companyId: company, importId });
    expect(accepted(given().when(cancel, { importId }, asked()))).toMatchObject({ version: 3, events: [event] });
    expect(accepted(given().when(cancel, { importId }, asked({ checked: null })))).toMatchObject({ version: 2 });
  });
  it('is refused once the import is posted or cancelled', () => {
    const before = importPosted.of(postedImport());
    expect(rejected(given(before).when(cancel, { importId }, asked())).code).toBe('accounting.import-already-posted');
    const ended = importCancelled.of({ companyId: company, importId });
    expect(rejected(given(ended).when(cancel, { importId }, asked())).code).toBe('accounting.import-cancelled');
  });
  it('finds no import of another company', () => {
    const started = { ...found().started!, companyId: id(5) };
    expect(rejected(given().when(cancel, { importId }, asked({ started }))).status).toBe(404);
  });
});

describe('a staged entry of a posted import', () => {
  it('gets its number from the block, and the opening entry gets the difference', () => {
    const numbers = [
      { journal: 'OB', fiscalYear: 2026, first: 1, count: 1 },
      { journal: 'GL', fiscalYear: 2026, first: 8, count: 2 },
    ];
    const import_ = postedImport({ numbers });
    expect(appliedEntry(staged(2), import_)).toMatchObject({ number: 'GL-2026-0009', sequence: 9, reverses: null });
    const opening = appliedEntry(staged(0), import_);
    const sum = (side: string) => decimals.sum(opening.lines.filter((l) => l.side === side).map((l) => l.amount));
    expect(opening.lines).toHaveLength(3);
    expect(sum('debit')).toBe(sum('credit'));
  });
  it('has an id that gives its index in its own import, and in no other', () => {
    for (const index of [0, 1, 255, 4_000_000_000]) {
      const entryId = stagedEntryId(importId, index);
      expect(entryId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(stagedIndexOf(importId, index + 1, entryId)).toBe(index);
      expect(stagedIndexOf(importId, index, entryId)).toBeNull();
      expect(stagedIndexOf(id(71), index + 1, entryId)).toBeNull();
    }
    expect(stagedIndexOf(importId, 10, id(5))).toBeNull();
  });
  it('throws when the block has no number for it', () => {
    expect(() => appliedEntry(staged(3, { numberOffset: 2 }), postedImport())).toThrow('took no number');
  });
});
