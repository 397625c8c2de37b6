/* The last line of .ci/run: unit tests, end-to-end tests and Schemathesis together. A suite that never ran is a failure. */
import { inWords, kept, none, sum } from './results.mjs';

const totals = ['unit', 'e2e', 'schemathesis'].map((suite) => kept(suite) ?? { ...none, failed: 1 }).reduce(sum, none);
console.log(`tests: ${inWords(totals)}`);
process.exit(totals.failed > 0 ? 1 : 0);
