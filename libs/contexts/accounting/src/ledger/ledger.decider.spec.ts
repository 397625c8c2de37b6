import { accepted, company, entry, given, id, posted, rejected, someBooks } from './testing/given.js';
import { entryHeld, entryPosted, entryReleased, entryReversed } from './ledger.events.js';

const lines = (debit = '100', credit = '100') => [
  { account: '1920', side: 'debit', amount: debit },
  { account: '3000', side: 'credit', amount: credit },
];
const sale = (more: object = {}) => ({
  journal: 'GL',
  date: '2026-03-31',
  description: 'Sale',
  kind: 'normal',
  lines: lines(),
  ...more,
});
const post = 'accounting.entry.post';
const reverse = 'accounting.entry.reverse';
const hold = 'accounting.entry.hold';
const release = 'accounting.entry.release';
const facts = (n: number, more = {}) => ({ kind: 'entry' as const, entry: entry(n, more) });

describe('before there is a company', () => {
  it.each([
    ['accounting.account.add', { number: '1920', name: 'Bank', class: 'asset', postingAllowed: true }],
    ['accounting.account.change', { number: '1920', name: 'Bank', class: 'asset', postingAllowed: true }],
    ['accounting.account.remove', { number: '1920' }],
    ['accounting.journal.add', { code: 'GL', name: 'General' }],
    [post, sale()],
    [reverse, { entryId: id(1) }],
    [hold, { entryId: id(1), reason: 'Waiting' }],
    [release, { entryId: id(1) }],
  ] as const)('%s answers 404', (name, input) => {
    expect(rejected(given().when(name, input))).toMatchObject({ code: 'accounting.company-not-found', status: 404 });
  });
});

describe('custom fields of an entry', () => {
  const field = (key: string, kind: 'text' | 'number', required = false) =>
    ({ key, kind, label: key, required, position: 0, status: 'active' }) as const;
  const customFields = [field('project', 'text', true), field('hours', 'number')];
  const context = { customFields };

  it('are in the event that posts it, as their definitions have them', () => {
    const custom = { project: ' Pier ', hours: '7.50' };
    const { events } = accepted(given(...someBooks()).when(post, sale({ custom }), context));
    expect(events).toMatchObject([{ data: { custom: { hours: '7.5', project: 'Pier' } } }]);
  });
  it('are refused at their pointer, and asked for where they are required', () => {
    const refused = (custom?: object) => rejected(given(...someBooks()).when(post, sale(custom && { custom }), context)); // prettier-ignore
    expect(refused({ project: 'Pier', hours: 'many' })).toMatchObject({ code: 'accounting.entry-invalid', errors: [{ pointer: '/custom/hours' }] }); // prettier-ignore
    expect(refused()).toMatchObject({ errors: [{ pointer: '/custom/project' }] });
  });
  it('are not in the event where none are given', () => {
    expect(accepted(given(...someBooks()).when(post, sale())).events[0]?.data).not.toHaveProperty('custom');
  });
  it('are those of the original in its reversal, whatever became of their definitions', () => {
    const custom = { gone: 'kept', project: 'Pier' };
    const books = given(...someBooks(), posted(1, { custom }));
    const reversal = accepted(books.when(reverse, { entryId: id(1) }, { facts: facts(1, { custom }), customFields }));
    expect(reversal.events[0]).toMatchObject({ type: entryPosted.name, data: { kind: 'reversal', custom } });
    const plain = accepted(given(...someBooks(), posted(1)).when(reverse, { entryId: id(1) }, { facts: facts(1), customFields })); // prettier-ignore
    expect(plain.events[0]?.data).not.toHaveProperty('custom');
  });
  it('are bounded: the fullest of them add less than 250 kB to an event', () => {
    const all = Array.from({ length: 100 }, (_, n) => field(`${'k'.repeat(37)}${100 + n}`, 'text'));
    const custom = Object.fromEntries(all.map(({ key }) => [key, '€'.repeat(500)]));
    const { events } = accepted(given(...someBooks()).when(post, sale({ custom }), { customFields: all }));
    expect(Buffer.byteLength(JSON.stringify((events[0]?.data as { custom: object }).custom))).toBeLessThan(250_000);
  });
});

describe('posting an entry', () => {
  it('takes the next number of its journal and year, and pads its amounts', () => {
    const decision = accepted(given(...someBooks(), posted(1), posted(2)).when(post, sale()));
    expect(decision).toMatchObject({ id: id(900), version: 1 });
    expect(decision.events).toEqual([entryPosted.of(entry(3, { entryId: id(900), sequence: 3 }))]);
  });
  it('starts at 1 in another journal and in another year', () => {
    const books = given(...someBooks(), posted(1));
    const numberOf = (more: object) =>
      (accepted(books.when(post, sale(more))).events[0]?.data as { number: string }).number;
    expect(numberOf({ journal: 'PU' })).toBe('PU-2026-0001');
    expect(numberOf({ date: '2025-12-31' })).toBe('GL-2025-0001');
  });
  it('computes year and period of a fiscal year that starts in July', () => {
    const decision = accepted(given(...someBooks({ fiscalYearStart: 7 })).when(post, sale({ date: '2025-08-15' })));
    expect(decision.events[0]?.data).toMatchObject({ fiscalYear: 2026, period: 2, number: 'GL-2026-0001' });
  });
  it('keeps a given period: 13 closes the year of its date', () => {
    const decision = accepted(given(...someBooks()).when(post, sale({ date: '2026-12-31', period: 13 })));
    expect(decision.events[0]?.data).toMatchObject({ period: 13, fiscalYear: 2026 });
  });
  it('puts an opening into period 0 of its year', () => {
    const decision = accepted(given(...someBooks()).when(post, sale({ date: '2026-01-01', kind: 'opening' })));
    expect(decision.events[0]?.data).toMatchObject({ kind: 'opening', period: 0 });
  });
  it('says how much is missing and on which side', () => {
    const rejection = rejected(given(...someBooks()).when(post, sale({ lines: lines('22800', '1250') })));
    expect(rejection).toMatchObject({
      code: 'accounting.entry-unbalanced',
      message: 'Credit is short by 21\u00a0550,00.',
      details: { short: 'credit', missing: '21550.00', debit: '22800.00', credit: '1250.00' },
      errors: [{ pointer: '/lines' }],
    });
    const other = rejected(given(...someBooks()).when(post, sale({ lines: lines('0.1', '0.3') })));
    expect(other.message).toBe('Debit is short by 0,20.');
  });
  it('refuses an entry of zeros', () => {
    expect(rejected(given(...someBooks()).when(post, sale({ lines: lines('0', '0.00') }))).code).toBe(
      'accounting.entry-empty',
    );
  });
  it('refuses lines whose sum is larger than an amount may be', () => {
    const most = '9999999999999999';
    const twice = [...lines(most, most), ...lines(most, most)];
    expect(rejected(given(...someBooks()).when(post, sale({ lines: twice })))).toMatchObject({
      code: 'accounting.entry-too-large',
      errors: [{ pointer: '/lines' }],
    });
    expect(accepted(given(...someBooks()).when(post, sale({ lines: lines(most, most) }))).events).toHaveLength(1);
  });
  it('reports every invalid line', () => {
    const wrong = [
      { account: '1920', side: 'debit', amount: '1.005' },
      { account: '9999', side: 'credit', amount: '1' },
      { account: '10', side: 'credit', amount: '1' },
    ];
    const rejection = rejected(given(...someBooks()).when(post, sale({ lines: wrong })));
    expect(rejection.errors.map(({ pointer, code }) => [pointer, code])).toEqual([
      ['/lines/0/amount', 'accounting.amount-too-fine'],
      ['/lines/1/account', 'accounting.account-not-found'],
      ['/lines/2/account', 'accounting.account-heading'],
    ]);
    expect(rejection.message).toContain('3 fields need attention');
  });
  it('refuses a journal that does not exist and names those that do', () => {
    const rejection = rejected(given(...someBooks()).when(post, sale({ journal: 'XX' })));
    expect(rejection).toMatchObject({ code: 'accounting.journal-not-found', details: { known: ['GL', 'PU'] } });
  });
  it('refuses amounts of tax, dimensions and yen with too many decimals', () => {
    const fine = [
      {
        account: '1920',
        side: 'debit',
        amount: '1',
        tax: [{ code: '1', base: '0.001', percent: '25', amount: '0.001' }],
      },
      { account: '3000', side: 'credit', amount: '1', dimensions: [{ type: 'project', id: 'A', amount: '0.001' }] },
    ];
    const rejection = rejected(given(...someBooks()).when(post, sale({ lines: fine })));
    expect(rejection.errors.map(({ pointer }) => pointer)).toEqual([
      '/lines/0/tax/0/base',
      '/lines/0/tax/0/amount',
      '/lines/1/dimensions/0/amount',
    ]);
    const yen = rejected(given(...someBooks({ currency: 'JPY' })).when(post, sale({ lines: lines('1.5', '1.5') })));
    expect(yen.message).toContain('JPY has no decimals');
  });
});

describe('a line in another currency', () => {
  const foreign = (amount: string, rate: string, own: string, currency = 'EUR') =>
    sale({
      lines: [
        { account: '1920', side: 'debit', amount: own, foreign: { currency, amount, rate } },
        { account: '3000', side: 'credit', amount: own },
      ],
    });
  it('is accepted when amount times rate, rounded half away from zero, is its own amount', () => {
    const decision = accepted(given(...someBooks()).when(post, foreign('0.5', '0.01', '0.01')));
    expect(decision.events[0]?.data).toMatchObject({
      lines: [{ foreign: { currency: 'EUR', amount: '0.50', rate: '0.01' } }, {}],
    });
  });
  it('is refused when they differ, and the message has both amounts', () => {
    const rejection = rejected(given(...someBooks()).when(post, foreign('14200', '11.4820', '163044.41')));
    expect(rejection).toMatchObject({
      code: 'accounting.foreign-amount-differs',
      errors: [{ pointer: '/lines/0/amount' }],
    });
    expect(rejection.message).toContain('163\u00a0044,40');
    expect(rejection.message).toContain('163\u00a0044,41');
  });
  it('needs a rate above zero and a foreign currency', () => {
    const books = given(...someBooks());
    expect(rejected(books.when(post, foreign('1', '0', '0'))).code).toBe('accounting.rate-not-positive');
    expect(rejected(books.when(post, foreign('1', '1', '1', 'NOK'))).code).toBe('accounting.foreign-currency-invalid');
  });
});

describe('reversing an entry', () => {
  const books = given(...someBooks(), posted(1));
  it('posts the swapped lines on the original date and marks the original', () => {
    const decision = accepted(books.when(reverse, { entryId: id(1) }, { facts: facts(1) }));
    expect(decision).toMatchObject({ id: id(900), version: 1, others: { [id(1)]: 2 } });
    expect(decision.events).toEqual([
      entryPosted.of(
        entry(2, {
          entryId: id(900),
          kind: 'reversal',
          description: 'Reversal of GL-2026-0001: Sale',
          lines: [
            { account: '1920', side: 'credit', amount: '100.00' },
            { account: '3000', side: 'debit', amount: '100.00' },
          ],
          reverses: { entryId: id(1), number: 'GL-2026-0001' },
        }),
      ),
      entryReversed.of({
        companyId: company,
        entryId: id(1),
        number: 'GL-2026-0001',
        reversedBy: { entryId: id(900), number: 'GL-2026-0002' },
      }),
    ]);
  });
  it('truncates a description that becomes too long, never within a character', () => {
    const prefix = 'Reversal of GL-2026-0001: '.length;
    const long = facts(1, { description: `${'x'.repeat(499 - prefix)}🧾 receipt` });
    const [posted] = accepted(books.when(reverse, { entryId: id(1) }, { facts: long })).events;
    const description = posted?.type === entryPosted.name ? posted.data.description : '';
    expect(description).toHaveLength(499);
    expect(description.isWellFormed()).toBe(true);
  });
  it('keeps the period of the original on the same day, and computes it for a later day', () => {
    const odd = facts(1, { date: '2026-12-31', period: 13 });
    const same = accepted(books.when(reverse, { entryId: id(1) }, { facts: odd }));
    expect(same.events[0]?.data).toMatchObject({ period: 13, date: '2026-12-31' });
    const later = accepted(books.when(reverse, { entryId: id(1), date: '2027-01-02' }, { facts: odd }));
    expect(later.events[0]?.data).toMatchObject({ period: 1, fiscalYear: 2027, number: 'GL-2027-0001' });
  });
  it('refuses a date before the original', () => {
    const rejection = rejected(books.when(reverse, { entryId: id(1), date: '2026-03-30' }, { facts: facts(1) }));
    expect(rejection).toMatchObject({
      code: 'accounting.reversal-too-early',
      details: { earliest: '2026-03-31' },
      errors: [{ pointer: '/date' }],
    });
  });
  it('happens once; the refusal names the reversal', () => {
    const decision = accepted(books.when(reverse, { entryId: id(1) }, { facts: facts(1) }));
    const again = given(...someBooks(), posted(1), ...decision.events).when(
      reverse,
      { entryId: id(1) },
      { facts: facts(1) },
    );
    expect(rejected(again)).toMatchObject({
      code: 'accounting.entry-already-reversed',
      message: 'GL-2026-0001 was reversed by GL-2026-0002.',
      details: { reversedBy: { entryId: id(900), number: 'GL-2026-0002' } },
    });
  });
  it('is refused for a reversal', () => {
    const reversal = facts(2, { kind: 'reversal', reverses: { entryId: id(1), number: 'GL-2026-0001' } });
    const rejection = rejected(
      given(...someBooks(), posted(1), posted(2)).when(reverse, { entryId: id(2) }, { facts: reversal }),
    );
    expect(rejection.code).toBe('accounting.reversal-not-reversible');
    expect(rejection.message).toContain('post GL-2026-0001 again');
  });
  it('is refused for a stale version of the original', () => {
    const stale = books.when(reverse, { entryId: id(1) }, { facts: facts(1), expectedVersion: 2 });
    expect(rejected(stale).status).toBe(412);
    expect(books.when(reverse, { entryId: id(1) }, { facts: facts(1), expectedVersion: 1 }).kind).toBe('accepted');
  });
  it('answers 404 for an entry that is not in the ledger', () => {
    const decision = books.when(reverse, { entryId: id(5) }, { facts: { kind: 'entry', entry: null } });
    expect(rejected(decision)).toMatchObject({ code: 'accounting.entry-not-found', status: 404 });
  });
});

describe('putting an entry on hold', () => {
  const reason = 'Waiting for the delivery note';
  const said = { companyId: company, entryId: id(1), number: 'GL-2026-0001' };
  const heldBooks = given(...someBooks(), posted(1), entryHeld.of({ ...said, reason }));
  const reversedBooks = given(
    ...someBooks(),
    posted(1),
    entryReversed.of({ ...said, reversedBy: { entryId: id(2), number: 'GL-2026-0002' } }),
  );
  const code = (decision: ReturnType<typeof heldBooks.when>) => rejected(decision).code;

  it('records the reason, and can be released', () => {
    const held = accepted(given(...someBooks(), posted(1)).when(hold, { entryId: id(1), reason }, { facts: facts(1) }));
    expect(held).toMatchObject({ id: id(1), version: 2, events: [entryHeld.of({ ...said, reason })] });
    const released = accepted(heldBooks.when(release, { entryId: id(1) }, { facts: facts(1) }));
    expect(released).toMatchObject({ id: id(1), version: 3, events: [entryReleased.of(said)] });
  });
  it('is refused while the entry is on hold', () => {
    expect(code(heldBooks.when(hold, { entryId: id(1), reason }, { facts: facts(1) }))).toBe(
      'accounting.entry-already-held',
    );
    const posting = given(...someBooks(), posted(1));
    expect(code(posting.when(release, { entryId: id(1) }, { facts: facts(1) }))).toBe('accounting.entry-not-held');
  });
  it('is refused for a reversed entry; an entry on hold can be reversed', () => {
    const answer = reversedBooks.when(hold, { entryId: id(1), reason }, { facts: facts(1) });
    expect(code(answer)).toBe('accounting.entry-already-reversed');
    expect(code(reversedBooks.when(release, { entryId: id(1) }, { facts: facts(1) }))).toBe(
      'accounting.entry-not-held',
    );
    const decision = accepted(heldBooks.when(reverse, { entryId: id(1) }, { facts: facts(1) }));
    expect(decision.others).toEqual({ [id(1)]: 3 });
  });
  it('is refused for a stale version and for an entry that does not exist', () => {
    const stale = heldBooks.when(release, { entryId: id(1) }, { facts: facts(1), expectedVersion: 1 });
    expect(rejected(stale).status).toBe(412);
    const missing = heldBooks.when(hold, { entryId: id(5), reason }, { facts: { kind: 'entry', entry: null } });
    expect(rejected(missing).status).toBe(404);
  });
});
