export { Findings, SaftFault, type FindingCounts } from './finding.js';
export { parseSaft, type ParseProgress } from './parser.js';
export * from './records.js';
export { Chart, type ChartAccount } from './chart.js';
export { type CheckedTransaction } from './check-transaction.js';
export { openingJournal } from './journal-codes.js';
export { fromMinor, inWords, parseDate, placesOf, toMinor } from './amount.js';
export { type Books, defaultFiscalYearStart, SaftValidator } from './validate.js';
