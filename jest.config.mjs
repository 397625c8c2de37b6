import { counted } from './tools/checks/coverage-groups.mjs';
import { librariesIn } from './tools/libraries.mjs';

const libraries = [...librariesIn()];

/** Jest as ESM on SWC; sources of the workspace are read in place, never from a build. */
export default {
  testEnvironment: '<rootDir>/tools/checks/test-environment.mjs',
  roots: ['<rootDir>/apps/api', '<rootDir>/apps/projector', '<rootDir>/libs', '<rootDir>/tools'],
  testMatch: ['**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '\\.browser\\.spec\\.ts$'],
  modulePathIgnorePatterns: ['/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  // Whole-app specs start a product each; on a busy machine of two cores that takes its time.
  testTimeout: 90_000,
  // `npm run coverage` reads it. Babel's counters instrument those files alone; V8's slow every line of every spec.
  collectCoverage: process.env.DAYBOOK_COVERAGE === '1',
  collectCoverageFrom: counted,
  coverageDirectory: '<rootDir>/test-results/coverage',
  coverageProvider: 'babel',
  coverageReporters: ['json'],
  maxWorkers: 2,
  moduleNameMapper: {
    ...Object.fromEntries(
      libraries.flatMap(([name, folder]) => [
        [`^@daybook/${name}$`, `<rootDir>/${folder}/src/index.ts`],
        [`^@daybook/${name}/(.*)$`, `<rootDir>/${folder}/src/$1.ts`],
      ]),
    ),
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2024',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          experimental: { keepImportAttributes: true },
        },
      },
    ],
  },
};
