import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromMinor, parseAmount } from './amount.js';
import { findingsIn } from './testing/check-file.js';
import { externalData } from './testing/external-data.js';
import { account, balanced, line, tinyFile, type TinyFile, transaction, twoAccounts } from './testing/tiny-file.js';
import type { Books } from './validate.js';

const said = async (file: TinyFile, books: Books | null = null) =>
  (await findingsIn(tinyFile(file), books)).findings.list();
const codes = async (file: TinyFile, books: Books | null = null) =>
  (await said(file, books)).map(({ kind, code }) => `${kind} ${code}`);
const inTransaction = (lines: string, more?: Parameters<typeof transaction>[2]) => ({
  transactions: transaction('1', lines, more),
});

describe('a valid file', () => {
  it('has no findings and gives its transactions', async () => {
    const { findings, transactions } = await findingsIn(tinyFile());
    expect(findings.list()).toEqual([]);
    expect(transactions).toMatchObject([
      {
        fiscalYear: 2025,
        period: 3,
        date: '2025-03-31',
        lines: [
          { account: '1920', side: 'debit', amount: '100.00', source: 8 },
          { account: '3000', side: 'credit', amount: '100.00', source: 8 },
        ],
      },
    ]);
  });

  it('keeps negative amounts on their side', async () => {
    const { transactions, findings } = await findingsIn(
      tinyFile(inTransaction(line('1920', 'Debit', '-5') + line('3000', 'Credit', '-5.0'))),
    );
    expect(findings.list()).toEqual([]);
    expect(transactions[0]!.lines).toMatchObject([
      { side: 'debit', amount: '-5.00' },
      { side: 'credit', amount: '-5.00' },
    ]);
  });

  it('keeps party, tax, analysis and foreign amounts of a line', async () => {
    const more =
      '<TaxInformation><TaxCode>3</TaxCode><TaxPercentage>25</TaxPercentage><TaxBase>80</TaxBase><CreditTaxAmount><Amount>20</Amount></CreditTaxAmount></TaxInformation>';
    const file = tinyFile({
      masters:
        '<Customers><Customer><CustomerID>7</CustomerID></Customer></Customers><TaxTable><TaxTableEntry><TaxCodeDetails><TaxCode>3</TaxCode></TaxCodeDetails></TaxTableEntry></TaxTable>',
      ...inTransaction(
        `<Line><AccountID>1920</AccountID><Analysis><AnalysisType>A</AnalysisType><AnalysisID>10</AnalysisID><DebitAnalysisAmount><Amount>60</Amount></DebitAnalysisAmount></Analysis><CustomerID>7</CustomerID><Description>Other</Description><DebitAmount><Amount>100</Amount><CurrencyCode>EUR</CurrencyCode><CurrencyAmount>9</CurrencyAmount></DebitAmount></Line>` +
          line('3000', 'Credit', '100', more),
      ),
    });
    const { transactions, findings } = await findingsIn(file);
    expect(findings.list()).toEqual([]);
    expect(transactions[0]!.lines).toEqual([
      {
        account: '1920',
        side: 'debit',
        amount: '100.00',
        description: 'Other',
        foreign: { currency: 'EUR', amount: '9.00', rate: '11.11111111' },
        party: { type: 'customer', id: '7' },
        dimensions: [{ type: 'A', id: '10', amount: '60.00' }],
        source: 8,
      },
      {
        account: '3000',
        side: 'credit',
        amount: '100.00',
        tax: [{ code: '3', base: '80', percent: '25', amount: '20.00' }],
        source: 8,
      },
    ]);
  });
});

describe('a transaction is an error when', () => {
  const cases: [string, Partial<TinyFile>, string][] = [
    ['it names an unknown account', inTransaction(line('1920', 'Debit', '1') + line('9999', 'Credit', '1')), 'account-not-found'],
    ['a line has no account', inTransaction('<Line><DebitAmount><Amount>1</Amount></DebitAmount></Line>'), 'account-missing'],
    ['it does not balance', inTransaction(line('1920', 'Debit', '1') + line('3000', 'Credit', '2')), 'transaction-unbalanced'],
    ['it has no lines', inTransaction(''), 'transaction-empty'],
    ['an amount is grouped', inTransaction(balanced('1,000.00')), 'amount-malformed'],
    ['an amount has an exponent', inTransaction(balanced('1e3')), 'amount-malformed'],
    ['an amount is missing', inTransaction(balanced('')), 'amount-malformed'],
    ['an amount has a half øre', inTransaction(balanced('0.005')), 'amount-does-not-fit'],
    ['an amount is too large', inTransaction(balanced('12345678901234567')), 'amount-does-not-fit'],
    ['a line has both sides', inTransaction('<Line><AccountID>1920</AccountID><DebitAmount><Amount>1</Amount></DebitAmount><CreditAmount><Amount>1</Amount></CreditAmount></Line>'), 'both-amounts'],
    ['a line has no side', inTransaction('<Line><AccountID>1920</AccountID></Line>'), 'amount-missing'],
    ['its date is none', inTransaction(balanced(), { date: '2025-02-30' }), 'date-malformed'],
    ['its date is missing', { transactions: transaction('1', balanced()).replace(/<TransactionDate>.*<\/TransactionDate>/, '') }, 'date-missing'],
    ['its period is none', inTransaction(balanced(), { period: 'March' }), 'period-malformed'],
    ['its period is beyond the sixteenth', inTransaction(balanced(), { period: '17' }), 'period-malformed'],
    ['it stands twice', { transactions: transaction('1', balanced()) + transaction('1', balanced()) }, 'transaction-duplicate'],
    ['a foreign amount does not fit its currency', inTransaction('<Line><AccountID>1920</AccountID><DebitAmount><Amount>1</Amount><CurrencyCode>JPY</CurrencyCode><CurrencyAmount>1.5</CurrencyAmount></DebitAmount></Line>' + line('3000', 'Credit', '1')), 'amount-does-not-fit'],
    ['a currency is none', inTransaction('<Line><AccountID>1920</AccountID><DebitAmount><Amount>1</Amount><CurrencyCode>euro</CurrencyCode><CurrencyAmount>1</CurrencyAmount></DebitAmount></Line>' + line('3000', 'Credit', '1')), 'currency-malformed'],
    ['a rate is none', inTransaction('<Line><AccountID>1920</AccountID><DebitAmount><Amount>1</Amount><CurrencyCode>EUR</CurrencyCode><CurrencyAmount>1</CurrencyAmount><ExchangeRate>x</ExchangeRate></DebitAmount></Line>' + line('3000', 'Credit', '1')), 'rate-malformed'],
  ]; // prettier-ignore
  it.each(cases)('%s', async (_, file, code) => {
    const found = await said(file);
    expect(found.map((f) => `${f.kind} ${f.code}`)).toContain(`error saft.${code}`);
    expect(found.find((f) => f.code === `saft.${code}`)).toMatchObject({ line: expect.any(Number), transaction: '1' });
  });

  it('nothing can be posted to an account of the books', async () => {
    const books: Books = { currency: 'NOK', fiscalYearStart: 1, account: (n) => ({ postingAllowed: n !== '1920' }) };
    expect(await codes({}, books)).toEqual(['error saft.account-takes-no-lines']);
  });
});

describe('the same TransactionID is not a duplicate in', () => {
  it('another year', async () => {
    const twice =
      transaction('1', balanced()) + transaction('1', balanced(), { date: '2024-12-31', year: '2024', period: '12' });
    expect(await codes({ transactions: twice })).toEqual(['warning saft.date-outside-selection']);
  });
  it('another journal', async () => {
    const other = `${transaction('1', balanced())}</Journal><Journal><JournalID>SA</JournalID><Description>S</Description><Type>S</Type>${transaction('1', balanced())}`;
    expect(await codes({ transactions: other })).toEqual([]);
  });
});

describe('a file is an error when', () => {
  it('an account is defined twice, or its number is invalid', async () => {
    expect(await codes({ accounts: twoAccounts + account('1920') })).toEqual(['error saft.account-duplicate']);
    expect(await codes({ accounts: twoAccounts + account('1 920') })).toEqual(['error saft.account-malformed']);
  });
  it('an opening has both sides, or an invalid amount', async () => {
    const both = '<OpeningDebitBalance>1</OpeningDebitBalance><OpeningCreditBalance>1</OpeningCreditBalance>';
    expect(await codes({ accounts: twoAccounts + account('1500', { opening: both }) })).toEqual([
      'error saft.both-balances',
    ]);
    const words = '<OpeningDebitBalance>one</OpeningDebitBalance>';
    expect(await codes({ accounts: twoAccounts + account('1500', { opening: words }) })).toEqual([
      'error saft.amount-malformed',
    ]);
  });
  it('its currency is invalid, so that no amount can be read', async () => {
    expect(await codes({ currency: 'NOR' })).toEqual(['error saft.currency-invalid']);
  });
  it('the books are in another currency', async () => {
    const books: Books = { currency: 'SEK', fiscalYearStart: 1, account: () => ({ postingAllowed: true }) };
    expect(await codes({}, books)).toEqual(['error saft.currency-differs']);
  });
  it('its selection ends before it starts', async () => {
    const selection =
      '<SelectionCriteria><SelectionStartDate>2025-12-31</SelectionStartDate><SelectionEndDate>2025-01-01</SelectionEndDate></SelectionCriteria>';
    expect(await codes({ selection })).toEqual(['error saft.selection-malformed']);
  });
});

describe('a file contradicts itself when', () => {
  const opening = (amount: string) => `<OpeningDebitBalance>${amount}</OpeningDebitBalance>`;
  it('its openings do not sum to zero; for empty books the caller must decide', async () => {
    const accounts = account('1920', { opening: opening('12500') }) + account('3000');
    expect(await said({ accounts })).toMatchObject([
      {
        kind: 'decide',
        code: 'saft.opening-difference',
        message: expect.stringContaining('debit exceeds credit by 12\u00a0500,00'),
      },
    ]);
    const books: Books = { currency: 'NOK', fiscalYearStart: 1, account: () => ({ postingAllowed: true }) };
    expect(await codes({ accounts }, books)).toEqual(['contradiction saft.opening-difference']);
  });
  it('a closing is not opening plus movement', async () => {
    const closing = '<ClosingDebitBalance>99.99</ClosingDebitBalance>';
    expect(await said({ accounts: account('1920', { closing }) + account('3000') })).toMatchObject([
      {
        kind: 'contradiction',
        code: 'saft.closing-mismatch',
        account: '1920',
        line: 5,
        message: expect.stringContaining('states the closing 99,99, but opening and movement give 100,00'),
      },
    ]);
  });
  it('its stated totals are not those of its transactions', async () => {
    const totals =
      '<NumberOfEntries>2</NumberOfEntries><TotalDebit>100.01</TotalDebit><TotalCredit>100.00</TotalCredit>';
    expect((await said({ totals })).map((f) => f.message)).toEqual([
      'NumberOfEntries is 2, but the file has 1.',
      'TotalDebit is 100.01, but the file has 100.00.',
    ]);
  });
});

describe('a warning says that', () => {
  it('a tax code is defined twice, or used and not defined', async () => {
    const entry = '<TaxTableEntry><TaxCodeDetails><TaxCode>3</TaxCode></TaxCodeDetails></TaxTableEntry>';
    expect(await codes({ masters: `<TaxTable>${entry}${entry}</TaxTable>` })).toEqual([
      'warning saft.tax-code-duplicate',
    ]);
    const tax = '<TaxInformation><TaxCode>9</TaxCode></TaxInformation>';
    const lines = line('1920', 'Debit', '1', tax) + line('3000', 'Credit', '1', tax);
    expect((await said(inTransaction(lines))).map((f) => f.message)).toEqual([
      'Tax code 9 is used but not defined in the file (2 times).',
    ]);
  });
  it('a customer is not in the file, is defined twice, or has an invalid currency or account', async () => {
    const customer = (inner: string) =>
      `<Customers><Customer><CustomerID>7</CustomerID>${inner}</Customer></Customers>`;
    expect(await codes(inTransaction(`${line('1920', 'Debit', '1').replace('<Description>', '<CustomerID>8</CustomerID><Description>')}${line('3000', 'Credit', '1')}`))).toEqual(['warning saft.customer-not-found']); // prettier-ignore
    expect(await codes({ masters: customer('').replaceAll(/<Customers>(.*)<\/Customers>/g, '<Customers>$1$1</Customers>') })).toEqual(['warning saft.party-duplicate']); // prettier-ignore
    expect(await codes({ masters: customer('<PartyInfo><CurrencyCode>NOR</CurrencyCode></PartyInfo>') })).toEqual(['warning saft.currency-invalid']); // prettier-ignore
    expect(await codes({ masters: customer('<AccountID>1501</AccountID>') })).toEqual(['warning saft.party-account-not-found']); // prettier-ignore
  });
  it('the openings of parties are not that of their account', async () => {
    const party =
      '<Customers><Customer><CustomerID>7</CustomerID><AccountID>1920</AccountID><OpeningDebitBalance>5</OpeningDebitBalance></Customer></Customers>';
    expect(await codes({ masters: party })).toEqual(['warning saft.party-openings-differ']);
  });
  it('period and date of a transaction do not match', async () => {
    expect(await codes(inTransaction(balanced(), { period: '4' }))).toEqual(['warning saft.period-date']);
    expect(await codes(inTransaction(balanced(), { year: '2024' }))).toEqual(['warning saft.period-year']);
    expect(await codes(inTransaction(balanced(), { period: '13' }))).toEqual([]);
  });
});

describe('the date range of a file', () => {
  const periods = (start: string, end: string) =>
    `<SelectionCriteria><PeriodStart>${start}</PeriodStart><PeriodStartYear>2025</PeriodStartYear><PeriodEnd>${end}</PeriodEnd><PeriodEndYear>2025</PeriodEndYear></SelectionCriteria>`;
  it('is computed from its periods', async () => {
    const { validator } = await findingsIn(tinyFile({ selection: periods('01', '04') }));
    expect(validator.range).toEqual({ from: '2025-01-01', to: '2025-04-30' });
    const closing = await findingsIn(tinyFile({ selection: periods('0', '13') }));
    expect(closing.validator.range).toEqual({ from: '2025-01-01', to: '2025-12-31' });
  });
  it('uses the fiscal year of the books', async () => {
    const books: Books = { currency: 'NOK', fiscalYearStart: 7, account: () => ({ postingAllowed: true }) };
    const { validator } = await findingsIn(tinyFile({ selection: periods('1', '12') }), books);
    expect(validator.range).toEqual({ from: '2024-07-01', to: '2025-06-30' });
  });
});

const data = externalData('saft-no');
(data ? describe : describe.skip)('the published example of 888888888', () => {
  const file = () => createReadStream(join(data!, 'ExampleFile_SAF-T_Financial_888888888_20180228235959.xml'));

  it('contradicts itself only in known places, and has no errors', async () => {
    const { findings } = await findingsIn(file());
    const contradictions = findings.list().filter((f) => f.kind !== 'warning');
    expect(findings.list().filter((f) => f.severity === 'error')).toEqual(contradictions);
    expect(contradictions.map(({ kind, code, account: at }) => [kind, code, at ?? null])).toEqual([
      ['decide', 'saft.opening-difference', null],
      ['contradiction', 'saft.closing-mismatch', '1920'],
      ['contradiction', 'saft.closing-mismatch', '2711'],
      ['contradiction', 'saft.closing-mismatch', '2740'],
    ]);
    expect(contradictions[0]!.message).toContain('2\u00a0545\u00a0410,00');
    expect(findings.list().filter((f) => f.kind === 'warning').map(({ code, account: at }) => [code, at ?? null])).toEqual([
      ['saft.version-differs', null],
      ['saft.tax-code-duplicate', null],
      ['saft.party-openings-differ', '1500'],
      ['saft.party-openings-differ', '2400'],
      ['saft.party-account-not-found', '1952'],
      ['saft.party-account-not-found', '1950'],
      ['saft.currency-invalid', null],
    ]); // prettier-ignore
  });

  it('has the counts and sums of an independent count', async () => {
    const { validator, transactions } = await findingsIn(file());
    expect(validator.counts).toEqual({
      accounts: 22,
      customers: 6,
      suppliers: 6,
      taxCodes: 9,
      transactions: 53,
      lines: 170,
    });
    expect(validator.totals).toEqual({ debit: 948704935n, credit: 948704935n });
    expect(transactions).toHaveLength(53);
    const rows = readFileSync(join(data!, 'ExampleFile_888888888.expected.csv'), 'utf8').trim().split('\n').slice(1);
    const expected = rows.map((row) => /^(\d+),"[^"]*",([^,]+),([^,]+),/.exec(row)!.slice(1));
    const money = (text: string) => {
      const parsed = parseAmount(text, 2);
      return 'amount' in parsed ? parsed.amount : text;
    };
    expect(
      [...validator.chart.accounts.values()].map((a) => [
        a.number,
        fromMinor(a.opening, 2),
        fromMinor(a.debit - a.credit, 2),
      ]),
    ).toEqual(expected.map(([number, opening, movement]) => [number, money(opening!), money(movement!)]));
    expect([...validator.chart.accounts.values()].every((a) => a.class !== null)).toBe(true);
  });
});
