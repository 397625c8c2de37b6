import { TestEnvironment } from 'jest-environment-node';

/*
 * The process itself instead of a world made for each file (docs/adr/0045). For its workers nothing is left to do once the
 * last spec file is done: they end at once, where taking down a large heap takes longer than the half second that Jest waits
 * for. A handle that was left open keeps `beforeExit` from coming, so Jest still reports it.
 */
process.once('beforeExit', (status) => process.exit(status));
const { exit } = process;

export default class extends TestEnvironment {
  constructor(...args) {
    super(...args);
    this.global = globalThis;
  }

  async teardown() {
    // Jest has put a function of its own there, around the one it found.
    process.exit = exit;
    await super.teardown();
  }
}
