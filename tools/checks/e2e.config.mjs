import { defineConfig } from 'vitest/config';
import { join } from 'node:path';

/** The console's end-to-end specs: one browser, one after another, against one running product. */
export default defineConfig({
  test: {
    include: ['e2e/**/*.spec.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default', ['json', { outputFile: join(process.env.DAYBOOK_RESULTS ?? 'test-results', 'e2e.json') }]],
  },
});
