import { counted } from './tools/checks/coverage-groups.mjs';

/** `npm run test:faults` runs these alone; nothing else does. */
const isFaults = process.env.DAYBOOK_FAULTS === '1';

/** Jest runs the specs as Node runs the product: sources in place, each module loaded once per worker (docs/adr/0045). */
export default {
  testEnvironment: '<rootDir>/tools/checks/test-environment.mjs',
  testRunner: '<rootDir>/tools/checks/test-runner.mjs',
  testSequencer: '<rootDir>/tools/checks/test-sequencer.mjs',
  globalSetup: '<rootDir>/tools/checks/test-server.mjs',
  globalTeardown: '<rootDir>/tools/checks/test-server-end.mjs',
  roots: ['<rootDir>/apps/api', '<rootDir>/apps/projector', '<rootDir>/libs', '<rootDir>/examples', '<rootDir>/tools'],
  testMatch: [isFaults ? '**/*.faults.spec.ts' : '**/*.spec.ts'],
  testPathIgnorePatterns: [
    ...['/node_modules/', '/dist/', '\\.browser\\.spec\\.ts$'],
    ...(isFaults ? [] : ['\\.faults\\.spec\\.ts$']),
  ],
  modulePathIgnorePatterns: ['/dist/'],
  // Whole-app specs start a product each; on a busy machine of two cores that takes its time.
  testTimeout: 90_000,
  // `npm run coverage` reads it. Counters stand in those files alone (instrument.mjs); V8's slow every line of every spec.
  collectCoverage: process.env.DAYBOOK_COVERAGE === '1',
  collectCoverageFrom: counted,
  coverageDirectory: '<rootDir>/test-results/coverage',
  coverageProvider: 'babel',
  coverageReporters: ['json'],
  // One more than the two cores of CI: half of its time a spec waits for the database, a process or a timer.
  maxWorkers: 3,
  // For counted files that no spec loads; what specs load, Node loads through tools/source.mjs.
  transform: { '\\.ts$': '<rootDir>/tools/checks/transform.mjs' },
};
