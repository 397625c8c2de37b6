export { Findings, SaftFault } from './finding.js';
export { parseSaft, type ParseProgress } from './parser.js';
export * from './records.js';
export { type ChartAccount } from './chart.js';
export { type CheckedTransaction } from './check-transaction.js';
export { openingJournal } from './journal-codes.js';
export { fromMinor, inWords, parseDate, placesOf, toMinor } from './amount.js';
export { defaultFiscalYearStart, SaftValidator } from './validate.js';
