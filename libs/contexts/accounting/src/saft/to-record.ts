import { fault } from './finding.js';
import type { XmlNode } from './node.js';
import type {
  AccountRecord,
  AmountRecord,
  Balances,
  HeaderRecord,
  PartyRecord,
  SaftVersion,
  Selection,
  TaxCodeRecord,
  TransactionLine,
  TransactionRecord,
} from './records.js';

/* From XML elements to records. The three versions differ in few places; all forms are read. */

/** The id of a record. Findings name a record by its id, so a record without one is a fault. */
function idOf(node: XmlNode, name: string): string {
  const id = node.text(name);
  if (id === null) throw fault('saft.id-missing', node.line, `This ${node.name} has no ${name}.`);
  return id;
}

export const headerOf = (node: XmlNode, version: SaftVersion): HeaderRecord => {
  const company = node.child('Company');
  return {
    kind: 'header',
    line: node.line,
    version,
    statedVersion: node.field('AuditFileVersion'),
    country: node.field('AuditFileCountry'),
    registrationNumber: company?.text('RegistrationNumber') ?? null,
    companyName: company?.text('Name') ?? null,
    currency: node.field('DefaultCurrencyCode'),
    currencies: [...node.deep('CurrencyCode')],
    selection: selectionOf(node.child('SelectionCriteria')),
  };
};

function selectionOf(node: XmlNode | undefined): Selection | null {
  const [start, end] = [node?.field('SelectionStartDate'), node?.field('SelectionEndDate')];
  if (start && end) return { kind: 'dates', start, end };
  const [from, fromYear] = [node?.field('PeriodStart'), node?.field('PeriodStartYear')];
  const [to, toYear] = [node?.field('PeriodEnd'), node?.field('PeriodEndYear')];
  if (!from || !fromYear || !to || !toYear) return null;
  return { kind: 'periods', start: { period: from, year: fromYear }, end: { period: to, year: toYear } };
}

const balancesOf = (node: XmlNode): Balances => ({
  openingDebit: node.field('OpeningDebitBalance'),
  openingCredit: node.field('OpeningCreditBalance'),
  closingDebit: node.field('ClosingDebitBalance'),
  closingCredit: node.field('ClosingCreditBalance'),
});

export const accountOf = (node: XmlNode): AccountRecord => ({
  kind: 'account',
  line: node.line,
  id: idOf(node, 'AccountID'),
  name: node.text('AccountDescription') ?? idOf(node, 'AccountID'),
  standardId: node.text('StandardAccountID'),
  groupingCategory: node.text('GroupingCategory'),
  groupingCode: node.text('GroupingCode'),
  ...balancesOf(node),
});

/** Up to 1.20 the balance account is in the party itself, from 1.30 in BalanceAccount. */
export const partyOf = (node: XmlNode, type: PartyRecord['type']): PartyRecord => {
  const balances = node.all('BalanceAccount');
  if (node.child('AccountID')) balances.push(node);
  return {
    kind: 'party',
    type,
    line: node.line,
    id: idOf(node, type === 'customer' ? 'CustomerID' : 'SupplierID'),
    balances: balances.map((balance) => ({ account: balance.field('AccountID'), ...balancesOf(balance) })),
    bankLedgerAccounts: [...node.deep('GeneralLedgerAccountID')],
    currencies: [...node.deep('CurrencyCode')],
  };
};

export const taxCodesOf = (node: XmlNode): TaxCodeRecord[] =>
  node.all('TaxCodeDetails').map((details) => ({
    kind: 'tax-code',
    line: details.line,
    code: idOf(details, 'TaxCode'),
    effective: details.text('EffectiveDate'),
    expires: details.text('ExpirationDate'),
  }));

const amountOf = (node: XmlNode | undefined): AmountRecord | null =>
  node
    ? {
        amount: node.field('Amount') ?? { text: '', line: node.line },
        currency: node.field('CurrencyCode'),
        currencyAmount: node.field('CurrencyAmount'),
        rate: node.field('ExchangeRate'),
      }
    : null;

/** In 1.30 analysis and tax amounts have their own side. Only the amount is kept; its side is that of the line. */
const amountIn = (node: XmlNode, ...names: string[]) =>
  names.map((name) => node.child(name)?.field('Amount')).find((found) => found) ?? null;

const lineOf = (node: XmlNode): TransactionLine => ({
  line: node.line,
  account: node.field('AccountID'),
  description: node.text('Description') ?? '',
  debit: amountOf(node.child('DebitAmount')),
  credit: amountOf(node.child('CreditAmount')),
  customer: node.text('CustomerID'),
  supplier: node.text('SupplierID'),
  tax: node.all('TaxInformation').map((tax) => ({
    line: tax.line,
    code: tax.text('TaxCode'),
    percent: tax.field('TaxPercentage'),
    base: tax.field('TaxBase'),
    amount: amountIn(tax, 'TaxAmount', 'DebitTaxAmount', 'CreditTaxAmount'),
  })),
  analysis: node.all('Analysis').map((analysis) => ({
    line: analysis.line,
    type: idOf(analysis, 'AnalysisType'),
    id: idOf(analysis, 'AnalysisID'),
    amount: amountIn(analysis, 'AnalysisAmount', 'DebitAnalysisAmount', 'CreditAnalysisAmount'),
  })),
});

export const transactionOf = (node: XmlNode, journal: string): TransactionRecord => ({
  kind: 'transaction',
  from: node.line,
  to: node.to,
  journal,
  id: idOf(node, 'TransactionID'),
  period: node.field('Period'),
  year: node.field('PeriodYear'),
  date: node.field('TransactionDate'),
  systemEntryDate: node.field('SystemEntryDate'),
  postingDate: node.field('GLPostingDate'),
  description: node.text('Description') ?? '',
  lines: node.all('Line').map(lineOf),
});
