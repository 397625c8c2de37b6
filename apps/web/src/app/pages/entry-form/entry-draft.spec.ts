import {
  accountOf, type Draft, type DraftLine, draftOf, effectsOf, emptyDraft, emptyLine, faultsFrom, faultsOf, isDraft, isTouched,
  pastedLines, sumsOf, toInput,
} from './entry-draft'; // prettier-ignore

const form = '1 234,50' as const;
const line = (account: string, debit: string, credit: string, description = ''): DraftLine => ({
  account,
  description,
  debit,
  credit,
});
const draft = (lines: DraftLine[], more: Partial<Draft> = {}): Draft => ({
  ...emptyDraft('PU', '12 May 2026'),
  description: 'Electricity',
  lines,
  ...more,
});
const reading = {
  currency: 'NOK',
  form,
  date: '2026-05-12',
  accounts: new Map([
    ['6340', { postingAllowed: true }],
    ['2400', { postingAllowed: true }],
    ['6000', { postingAllowed: false }],
  ]),
};

describe('a draft of an entry', () => {
  it('says what is missing and on which side', () => {
    const sums = sumsOf([line('6340', '18 240,00', ''), line('4060', '', '1 250,00')], form);
    expect(sums).toEqual({ debit: '18240', credit: '1250', missing: { side: 'credit', amount: '16990' } });
    expect(sumsOf([line('6340', '0,10', ''), line('a', '0,20', ''), line('b', '', '0,30')], form).missing).toBeNull();
  });
  it('knows the account by its number, chosen or typed', () => {
    expect(accountOf(line('6340 Electricity', '', ''))).toBe('6340');
    expect(accountOf(line('  ', '', ''))).toBe('');
  });
  it('shows the effect on each account once, debit positive', () => {
    expect([
      ...effectsOf([line('6340', '10,00', ''), line('2400', '', '12,50'), line('6340', '2,50', '')], form),
    ]).toEqual([
      ['6340', '12.5'],
      ['2400', '-12.5'],
    ]);
  });
  it('finds nothing wrong with a sound entry', () => {
    expect(faultsOf(draft([line('6340', '10,00', ''), line('2400', '', '10,00'), emptyLine]), reading)).toEqual([]);
  });
  it.each<[string, Draft, string]>([
    ['no journal', draft([], { journal: '' }), 'Choose a journal.'],
    ['no description', draft([], { description: ' ' }), 'Describe what the entry is for.'],
    ['an account that is not there', draft([line('9999', '1,00', '')]), 'There is no account 9999.'],
    ['a heading', draft([line('6000', '1,00', '')]), '6000 is a heading and takes no lines.'],
    ['no amount', draft([line('6340', '', '')]), 'Enter an amount in debit or credit.'],
    ['letters for an amount', draft([line('6340', 'abc', '')]), 'This is not an amount.'],
    ['too many decimals', draft([line('6340', '1,005', '')]), 'NOK has 2 decimals.'],
    ['one line', draft([line('6340', '1,00', '')]), 'An entry needs at least two lines.'],
  ])('finds %s', (_, given, message) => {
    expect(faultsOf(given, reading).map((fault) => fault.message)).toContain(message);
  });
  it('sends exact decimals, leaves blank lines out and remembers the row of each line', () => {
    const given = draft([emptyLine, line('6340 Electricity', '1 240,50', '', 'April'), line('2400', '', '1 240,50')]);
    const { input, rows } = toInput('c1', given, '2026-05-12', form);
    expect(input.lines).toEqual([
      { account: '6340', side: 'debit', amount: '1240.50', description: 'April' },
      { account: '2400', side: 'credit', amount: '1240.50' },
    ]);
    expect(rows).toEqual([1, 2]);
    expect(faultsFrom([{ pointer: '/lines/1/amount', code: 'x', message: 'no' }], given, rows)).toEqual([
      { field: 'credit', line: 2, message: 'no' },
    ]);
    expect(faultsFrom([{ pointer: '/date', code: 'x', message: 'closed' }], given, rows)).toEqual([
      { field: 'date', line: null, message: 'closed' },
    ]);
  });
  it('takes rows pasted from a spreadsheet, with sides or with signs', () => {
    expect(pastedLines('6340\tApril\t1 240,50\t\r\n2400\t\t\t1 240,50\n', form)).toEqual([
      line('6340', '1 240,50', '', 'April'),
      line('2400', '', '1 240,50'),
    ]);
    expect(pastedLines('6340\t100,00\n2400\t-100,00', form)).toEqual([
      line('6340', '100,00', ''),
      line('2400', '', '100,00'),
    ]);
  });
  it('is worth keeping once something was typed, and is read back only when it fits', () => {
    expect(isTouched(emptyDraft('PU', 't'))).toBe(false);
    expect(isTouched(draft([line('6340', '', '')]))).toBe(true);
    expect(isDraft(JSON.parse(JSON.stringify(draft([emptyLine]))))).toBe(true);
    expect(isDraft({ lines: [{}], journal: '', date: '', description: '', voucher: '' })).toBe(false);
  });
  it('is filled in from an entry that was asked for, and makes the same entry again', () => {
    const companyId = '0195f000-0000-7000-8000-00000000c001';
    const asked = {
      companyId,
      journal: 'PU',
      date: '2026-05-12',
      kind: 'normal',
      description: 'Electricity',
      lines: [
        { account: '6340', side: 'debit', amount: '18240.00', description: 'May' },
        { account: '2400', side: 'credit', amount: '18240.00' },
      ],
    };
    const found = draftOf(asked, form);
    expect(found).toEqual(draft([line('6340', '18 240,00', '', 'May'), line('2400', '', '18 240,00')]));
    const { kind: _, ...plain } = asked;
    expect(toInput(companyId, found!, '2026-05-12', form).input).toMatchObject({
      ...plain,
      lines: [{ account: '6340' }, {}],
    });
    expect(faultsFrom([{ pointer: '/input/lines/1/account', code: 'x', message: 'Closed' }], found!, [0, 1])).toEqual([
      { field: 'account', line: 1, message: 'Closed' },
    ]);
  });
  it('is not made from an entry with data that the form has no field for', () => {
    const lines = [
      { account: '6340', side: 'debit', amount: '10.00' },
      { account: '2400', side: 'credit', amount: '10.00' },
    ];
    const asked = {
      companyId: '0195f000-0000-7000-8000-00000000c001',
      journal: 'PU',
      date: '2026-05-12',
      description: 'A',
      lines,
    };
    expect(draftOf(asked, form)).not.toBeNull();
    expect(draftOf({ ...asked, period: 4 }, form)).toBeNull();
    expect(draftOf({ ...asked, kind: 'opening' }, form)).toBeNull();
    expect(draftOf({ ...asked, lines: [{ ...lines[0], dimensions: [] }, lines[1]] }, form)).toBeNull();
    expect(draftOf(null, form)).toBeNull();
  });
});
