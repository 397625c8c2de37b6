import { TestEnvironment } from 'jest-environment-node';

/*
 * Node's environment, for whose workers nothing is left to do once the last spec file is done: ending at once, instead of
 * taking down a heap of a gigabyte first, which takes longer than the half second that Jest waits for. A handle that was
 * left open keeps `beforeExit` from coming, so Jest still reports it.
 */
process.once('beforeExit', (status) => process.exit(status));

export default TestEnvironment;
