/* Totals of the suites, from their JSON reports in test-results/. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
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
 * Jest and Vitest write the same fields. A file that could not run counts as one failed test, and so does a suite without a report,
 * or one that failed without a failed test.
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

/** At least so many files are shown, and all that took longer than the bound. */
const [shown, slowSeconds] = [20, 15];

/** Lines about the slowest spec files. */
export function slowestOf(report) {
  const seconds = (ms) => `${(ms / 1000).toFixed(1).padStart(6)} s`;
  try {
    const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
    const files = testResults
      .map(({ name, startTime, endTime }) => ({ name: relative(root, name), ms: endTime - startTime }))
      .sort((a, b) => b.ms - a.ms);
    const slow = files.filter(({ ms }) => ms > slowSeconds * 1000).length;
    const all = files.reduce((ms, file) => ms + file.ms, 0);
    return [
      `Slowest of ${files.length} spec files (${seconds(all).trim()} in all):`,
      ...files
        .slice(0, Math.max(shown, slow))
        .map(({ name, ms }, index) => `${seconds(ms)}  ${name}${index < slow ? `  over ${slowSeconds} s` : ''}`),
    ];
  } catch {
    return [];
  }
}

/** Stored for .ci/run, which sums up the suites. */
export const keep = (suite, totals) => writeFileSync(join(results, `${suite}.totals.json`), JSON.stringify(totals));
export const kept = (suite) => {
  try {
    return JSON.parse(readFileSync(join(results, `${suite}.totals.json`), 'utf8'));
  } catch {
    return null;
  }
};
