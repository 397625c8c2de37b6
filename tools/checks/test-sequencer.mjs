import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { startsOne } from './starts.mjs';

const { default: Sequencer } = createRequire(import.meta.url)('@jest/test-sequencer');

/**
 * Longest first, so that no worker is left alone with a long file at the end: files that start a product, then those with a
 * database, then the rest; among equals as Jest has it, by the times it remembers, else by size.
 */
const rankOf = ({ path }) => (startsOne(readFileSync(path, 'utf8')) ? 0 : path.endsWith('.int.spec.ts') ? 1 : 2);

export default class extends Sequencer {
  sort(tests) {
    const ranks = new Map(tests.map((test) => [test, rankOf(test)]));
    return super.sort(tests).toSorted((a, b) => ranks.get(a) - ranks.get(b));
  }
}
