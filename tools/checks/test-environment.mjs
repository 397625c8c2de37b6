import { TestEnvironment } from 'jest-environment-node';

/*
 * Runs specs in the global context of the process, instead of a new context per file (docs/adr/0045). Workers exit at once after
 * their last spec file: freeing a large heap takes longer than the half second that Jest waits. An open handle prevents
 * `beforeExit`, so Jest still reports it.
 */
process.once('beforeExit', (status) => process.exit(status));
const { exit } = process;

export default class extends TestEnvironment {
  constructor(...args) {
    super(...args);
    this.global = globalThis;
  }

  async teardown() {
    // Jest has replaced it with a wrapper.
    process.exit = exit;
    await super.teardown();
  }
}
