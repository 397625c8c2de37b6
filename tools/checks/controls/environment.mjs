/*
 * The environment of all specs, which also notes what each test itself failed of: a hook that fails is no proof of anything, nor
 * is a spec that breaks without asserting. The report of Jest tells neither from a failed assertion.
 */
import { writeFileSync } from 'node:fs';
import TestEnvironment from '../test-environment.mjs';

/** Of `expect`, of `node:assert`; Supertest and the harness say it in words. */
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
