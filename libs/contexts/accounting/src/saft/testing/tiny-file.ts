/** A minimal file, to break one rule at a time. */
export interface TinyFile {
  readonly version?: string;
  readonly currency?: string;
  readonly selection?: string;
  readonly header?: string;
  readonly accounts?: string;
  readonly masters?: string;
  readonly totals?: string;
  readonly transactions?: string;
}
export const namespace = 'urn:StandardAuditFile-Taxation-Financial:NO';

export const account = (id: string, more: { opening?: string; closing?: string; mapping?: string } = {}): string =>
  `<Account><AccountID>${id}</AccountID><AccountDescription>Account ${id}</AccountDescription>` +
  `${more.mapping ?? '<StandardAccountID>19</StandardAccountID>'}<AccountType>GL</AccountType>` +
  `${more.opening ?? '<OpeningDebitBalance>0</OpeningDebitBalance>'}${more.closing ?? ''}</Account>`;

export const line = (accountId: string, side: 'Debit' | 'Credit', amount: string, more = ''): string =>
  `<Line><RecordID>1</RecordID><AccountID>${accountId}</AccountID><Description>Text</Description>` +
  `<${side}Amount><Amount>${amount}</Amount></${side}Amount>${more}</Line>`;

export const transaction = (
  id: string,
  lines: string,
  more: { date?: string; period?: string; year?: string } = {},
): string =>
  `<Transaction><TransactionID>${id}</TransactionID><Period>${more.period ?? '3'}</Period>` +
  `<PeriodYear>${more.year ?? '2025'}</PeriodYear><TransactionDate>${more.date ?? '2025-03-31'}</TransactionDate>` +
  `<Description>Text</Description><SystemEntryDate>2025-03-31</SystemEntryDate><GLPostingDate>2025-03-31</GLPostingDate>${lines}</Transaction>`;

export const balanced = (amount = '100.00'): string => line('1920', 'Debit', amount) + line('3000', 'Credit', amount);

export const twoAccounts = account('1920') + account('3000', { mapping: '<StandardAccountID>30</StandardAccountID>' });

export const tinyFile = (file: TinyFile = {}): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n` +
  `<AuditFile xmlns="${namespace}">\n` +
  `<Header><AuditFileVersion>${file.version ?? '1.20'}</AuditFileVersion><AuditFileCountry>NO</AuditFileCountry>` +
  `<Company><RegistrationNumber>900000001</RegistrationNumber><Name>Tiny AS</Name></Company>` +
  `<DefaultCurrencyCode>${file.currency ?? 'NOK'}</DefaultCurrencyCode>` +
  `${file.selection ?? '<SelectionCriteria><SelectionStartDate>2025-01-01</SelectionStartDate><SelectionEndDate>2025-12-31</SelectionEndDate></SelectionCriteria>'}${file.header ?? ''}</Header>\n` +
  `<MasterFiles><GeneralLedgerAccounts>\n${file.accounts ?? twoAccounts}\n</GeneralLedgerAccounts>${file.masters ?? ''}</MasterFiles>\n` +
  `<GeneralLedgerEntries>${file.totals ?? ''}<Journal><JournalID>GL</JournalID><Description>General</Description><Type>GL</Type>\n` +
  `${file.transactions ?? transaction('1', balanced())}\n</Journal></GeneralLedgerEntries></AuditFile>\n`;
