/*
 * The last line of .ci/run: the totals of unit tests, end-to-end tests and Schemathesis. A suite that did not run is a failure.
 * The audit counts only where it had to be skipped.
 */
import { inWords, kept, none, sum } from './results.mjs';

const suites = ['unit', 'e2e', 'schemathesis'].map((suite) => kept(suite) ?? { ...none, failed: 1 });
const totals = [...suites, kept('audit') ?? none].reduce(sum);
console.log(`tests: ${inWords(totals)}`);
process.exit(totals.failed > 0 ? 1 : 0);
