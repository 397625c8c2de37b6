import { defineConfig } from 'vitest/config';
import { join } from 'node:path';

/** The console's end-to-end specs; each worker has its own browser and running product (e2e.mjs). */
export default defineConfig({
  test: {
    include: ['e2e/**/*.spec.ts'],
    environment: 'node',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default', ['json', { outputFile: join(process.env.DAYBOOK_RESULTS ?? 'test-results', 'e2e.json') }]],
  },
});
