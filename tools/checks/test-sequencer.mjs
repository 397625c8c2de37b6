import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { startsOne } from './starts.mjs';

const { default: Sequencer } = createRequire(import.meta.url)('@jest/test-sequencer');

/**
 * Longest first, so that no worker runs a long file alone at the end: files that start a product, then those with a database, then
 * the rest; within these in Jest's order, by recorded times, else by size.
 */
const rankOf = ({ path }) => (startsOne(readFileSync(path, 'utf8')) ? 0 : path.endsWith('.int.spec.ts') ? 1 : 2);

export default class extends Sequencer {
  sort(tests) {
    const ranks = new Map(tests.map((test) => [test, rankOf(test)]));
    return super.sort(tests).toSorted((a, b) => ranks.get(a) - ranks.get(b));
  }
}
