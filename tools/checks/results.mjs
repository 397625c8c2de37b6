/* Totals of the suites, from their machine-readable reports under test-results/. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
export const results = join(root, 'test-results');
mkdirSync(results, { recursive: true });

export const none = { passed: 0, failed: 0, skipped: 0 };
export const sum = (a, b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});
export const inWords = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed, ${skipped} skipped`;

/**
 * Jest and Vitest write the same fields. A file that could not even run counts as one failed test, and so does a suite
 * that left no report or ended badly without a failed test.
 */
export function totalsOf(report, status) {
  let totals;
  try {
    const run = JSON.parse(readFileSync(report, 'utf8'));
    const broken = run.testResults.filter((file) => file.status === 'failed' && !hasFailure(file)).length;
    totals = {
      passed: run.numPassedTests,
      failed: run.numFailedTests + broken,
      skipped: run.numPendingTests + run.numTodoTests,
    };
  } catch {
    totals = { ...none, failed: 1 };
  }
  return status !== 0 && totals.failed === 0 ? { ...totals, failed: 1 } : totals;
}
const hasFailure = (file) => file.assertionResults.some(({ status }) => status === 'failed');

/** Kept for .ci/run, which adds the suites up. */
export const keep = (suite, totals) => writeFileSync(join(results, `${suite}.totals.json`), JSON.stringify(totals));
export const kept = (suite) => {
  try {
    return JSON.parse(readFileSync(join(results, `${suite}.totals.json`), 'utf8'));
  } catch {
    return null;
  }
};
