/*
 * The environment of all specs, which also records the failed assertions of each test: a failing hook, or a spec that breaks without
 * an assertion, proves nothing, and Jest's report does not distinguish these.
 */
import { writeFileSync } from 'node:fs';
import TestEnvironment from '../test-environment.mjs';

/** Assertions of `expect` and `node:assert`; those of Supertest and the harness, by their message. */
const isAssertion = (error) =>
  error?.matcherResult !== undefined ||
  error?.code === 'ERR_ASSERTION' ||
  /^expected \d{3} ".*", got \d{3} |answered \d{3} instead of \d{3}/.test(String(error?.message)) ||
  (error?.cause !== undefined && isAssertion(error.cause));

export default class extends TestEnvironment {
  failures = {};

  handleTestEvent({ name, test, error }) {
    if (name !== 'test_fn_failure') return;
    this.failures[test.name] = { asserted: isAssertion(error), message: String(error?.message ?? error) };
  }

  async teardown() {
    writeFileSync(process.env.CONTROLS_FAILURES, JSON.stringify(this.failures));
    await super.teardown();
  }
}
