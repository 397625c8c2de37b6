import type { ExampleBooks, ExampleLine, ExampleParty } from './example-books.js';

/* Writes example books as SAF-T Financial 1.30, in the order of the schema. */

/** Contradictions to write into a file. The file stays valid against the schema. */
export interface Flaws {
  /** Added to the stated opening of an account, in øre. */
  readonly openings?: Readonly<Record<string, bigint>>;
  /** Added to the stated closing of an account. */
  readonly closings?: Readonly<Record<string, bigint>>;
  readonly duplicateTaxCode?: string;
  /** Currency of a supplier. */
  readonly supplierCurrency?: string;
  /** Ledger account of a customer's bank account. */
  readonly customerBankLedgerAccount?: string;
  readonly numberOfEntries?: number;
}

export const money = (minor: bigint): string => {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(3, '0');
  return `${minor < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** A line, an element with children, or a list of both. */
type Xml = { readonly line: string } | { readonly tag: string; readonly inner: readonly Xml[] } | readonly Xml[];

/** An element. With a text it is on one line. */
const el = (tag: string, ...content: (string | Xml)[]): Xml => {
  const [text] = content;
  return typeof text === 'string' ? { line: `<${tag}>${escaped(text)}</${tag}>` } : { tag, inner: content as Xml[] };
};
function lines(xml: Xml, depth = 0): string[] {
  const indent = '\t'.repeat(depth);
  if ('line' in xml) return [indent + xml.line];
  if ('tag' in xml) {
    return [`${indent}<${xml.tag}>`, ...xml.inner.flatMap((x) => lines(x, depth + 1)), `${indent}</${xml.tag}>`];
  }
  return xml.flatMap((x) => lines(x, depth));
}

const balance = (kind: 'Opening' | 'Closing', minor: bigint): Xml =>
  minor < 0n ? el(`${kind}CreditBalance`, money(-minor)) : el(`${kind}DebitBalance`, money(minor));

function amount(name: string, minor: bigint, foreign?: ExampleLine['foreign']): Xml {
  const side = minor < 0n ? 'Credit' : 'Debit';
  return el(
    `${side}${name}`,
    el('Amount', money(minor < 0n ? -minor : minor)),
    foreign
      ? [
          el('CurrencyCode', foreign.currency),
          el('CurrencyAmount', money(foreign.amount)),
          el('ExchangeRate', foreign.rate),
        ]
      : [],
  );
}

export function writeSaft(books: ExampleBooks, flaws: Flaws = {}): string {
  const { company, year, transactions } = books;
  const all = transactions.flatMap((t) => t.lines);
  const sum = (of: readonly ExampleLine[]) => of.reduce((total, line) => total + line.amount, 0n);
  const debit = sum(all.filter((line) => line.amount > 0n));

  const account = (a: ExampleBooks['accounts'][number]): Xml => {
    const closing = a.opening + sum(all.filter((line) => line.account === a.id));
    return el(
      'Account',
      el('AccountID', a.id),
      el('AccountDescription', a.name),
      el('GroupingCategory', a.category),
      el('GroupingCode', a.code),
      el('AccountType', 'GL'),
      el('AccountCreationDate', '2019-01-01'),
      balance('Opening', a.opening + (flaws.openings?.[a.id] ?? 0n)),
      balance('Closing', closing + (flaws.openings?.[a.id] ?? 0n) + (flaws.closings?.[a.id] ?? 0n)),
    );
  };
  const party = (
    kind: 'Customer' | 'Supplier',
    p: ExampleParty,
    ledgerAccount: string | undefined,
    currency: string,
  ): Xml => {
    const own = all.filter((line) => (kind === 'Customer' ? line.customer : line.supplier) === p.id);
    return el(
      kind,
      el('Name', p.name),
      el('Address', el('City', p.city), el('Country', p.currency === 'EUR' ? 'DE' : 'NO')),
      ledgerAccount
        ? el('BankAccount', el('BankAccountNumber', `1${p.id}00000`), el('GeneralLedgerAccountID', ledgerAccount))
        : [],
      el(`${kind}ID`, p.id),
      el(
        'BalanceAccount',
        el('AccountID', p.control),
        balance('Opening', p.opening),
        balance('Closing', p.opening + sum(own)),
      ),
      el('PartyInfo', el('CurrencyCode', currency), el('Type', 'Company'), el('Status', 'Active')),
    );
  };
  const taxCode = (t: ExampleBooks['taxCodes'][number]): Xml =>
    el(
      'TaxTableEntry',
      el('TaxType', 'MVA'),
      el('Description', 'Merverdiavgift'),
      el(
        'TaxCodeDetails',
        el('TaxCode', t.code),
        el('Description', t.name),
        el('TaxPercentage', String(t.percent)),
        el('Country', 'NO'),
        el('StandardTaxCode', t.standard),
        el('BaseRate', '100'),
      ),
    );
  const line = (l: ExampleLine, index: number, text: string): Xml =>
    el(
      'Line',
      el('RecordID', String(index + 1)),
      el('AccountID', l.account),
      l.department ? el('Analysis', el('AnalysisType', 'AVD'), el('AnalysisID', l.department)) : [],
      l.customer ? el('CustomerID', l.customer) : [],
      l.supplier ? el('SupplierID', l.supplier) : [],
      el('Description', l.text ?? text),
      amount('Amount', l.amount, l.foreign),
      l.tax
        ? el(
            'TaxInformation',
            el('TaxType', 'MVA'),
            el('TaxCode', l.tax.code),
            el('TaxPercentage', String(l.tax.percent)),
            el('Country', 'NO'),
            el('TaxBase', money(l.tax.base)),
            amount('TaxAmount', l.tax.amount),
          )
        : [],
    );

  const again = books.taxCodes.filter((t) => t.code === flaws.duplicateTaxCode);
  const root = el(
    'AuditFile',
    el(
      'Header',
      el('AuditFileVersion', '1.30'),
      el('AuditFileCountry', 'NO'),
      el('AuditFileDateCreated', `${year + 1}-01-15`),
      el('SoftwareCompanyName', 'Daybook'),
      el('SoftwareID', 'Daybook example books'),
      el('SoftwareVersion', '1'),
      el(
        'Company',
        el('RegistrationNumber', company.number),
        el('Name', company.name),
        el(
          'Address',
          el('StreetName', 'Skuteviken'),
          el('Number', '7'),
          el('City', 'Bergen'),
          el('PostalCode', '5032'),
          el('Country', 'NO'),
        ),
        el('Contact', el('ContactPerson', el('FirstName', 'Ingrid'), el('LastName', 'Solbakken'))),
        el('TaxRegistration', el('TaxRegistrationNumber', `${company.number}MVA`)),
      ),
      el('DefaultCurrencyCode', 'NOK'),
      el('SelectionCriteria', el('SelectionStartDate', `${year}-01-01`), el('SelectionEndDate', `${year}-12-31`)),
      el('HeaderComment', 'Fictitious books, made to try an import with.'),
      el('TaxAccountingBasis', 'A'),
    ),
    el(
      'MasterFiles',
      el('GeneralLedgerAccounts', books.accounts.map(account)),
      el('Customers', books.customers.map((c, n) => party('Customer', c, n === 0 ? flaws.customerBankLedgerAccount : undefined, c.currency))), // prettier-ignore
      el('Suppliers', books.suppliers.map((s, n) => party('Supplier', s, undefined, (n === 0 ? flaws.supplierCurrency : undefined) ?? s.currency))), // prettier-ignore
      el('TaxTable', [...books.taxCodes, ...again].map(taxCode)),
      el(
        'AnalysisTypeTable',
        [
          ['10', 'Brenneri'],
          ['20', 'Administrasjon'],
        ].map(([id, name]) =>
          el(
            'AnalysisTypeTableEntry',
            el('AnalysisType', 'AVD'),
            el('AnalysisTypeDescription', 'Avdeling'),
            el('AnalysisID', id!),
            el('AnalysisIDDescription', name!),
          ),
        ),
      ),
    ),
    el(
      'GeneralLedgerEntries',
      el('NumberOfEntries', String(flaws.numberOfEntries ?? transactions.length)),
      el('TotalDebit', money(debit)),
      el('TotalCredit', money(debit)),
      books.journals.map((journal) =>
        el(
          'Journal',
          el('JournalID', journal.id),
          el('Description', journal.name),
          el('Type', journal.type),
          transactions
            .filter((t) => t.journal === journal.id)
            .map((t) =>
              el(
                'Transaction',
                el('TransactionID', t.id),
                el('Period', String(Number(t.date.slice(5, 7)))),
                el('PeriodYear', String(year)),
                el('TransactionDate', t.date),
                el('Description', t.text),
                el('SystemEntryDate', t.date),
                el('GLPostingDate', t.date),
                t.lines.map((l, index) => line(l, index, t.text)),
              ),
            ),
        ),
      ),
    ),
  );
  const text = lines(root);
  const namespace = 'urn:StandardAuditFile-Taxation-Financial:NO';
  text[0] = `<AuditFile xmlns="${namespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="${namespace} Norwegian_SAF-T_Financial_Schema_v_1.30.xsd">`;
  return ['<?xml version="1.0" encoding="UTF-8"?>', ...text, ''].join('\n');
}
