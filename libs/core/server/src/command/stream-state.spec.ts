import { notesBinding } from '../testing/notes.js';
import { StreamCache, StreamState } from './stream-state.js';

const stateOf = (characters: number): StreamState => new StreamState(notesBinding, { text: 'x'.repeat(characters) });

describe('the cache of streams', () => {
  it('keeps as many bytes as it may, and drops what was used longest ago', () => {
    const cache = new StreamCache(10_000);
    for (const key of ['a', 'b', 'c']) cache.set(key, stateOf(1_000));
    expect(cache.get('a')).toBeDefined();
    cache.set('d', stateOf(2_000));
    expect(['a', 'b', 'c', 'd'].filter((key) => cache.get(key) !== undefined)).toEqual(['a', 'c', 'd']);
  });

  it('keeps the stream in use, however large it is', () => {
    const cache = new StreamCache(10_000);
    cache.set('small', stateOf(10));
    cache.set('large', stateOf(100_000));
    expect([cache.get('small'), cache.get('large')?.revision]).toEqual([undefined, -1]);
    cache.set('small', stateOf(10));
    expect([cache.get('small')?.revision, cache.get('large')]).toEqual([-1, undefined]);
  });

  it('counts the commands that are remembered', () => {
    const state = stateOf(10);
    const before = state.bytes;
    for (let revision = 0; revision < 1_000; revision++) state.commands.add(`0199a9b2-0000-7000-8000-${String(revision).padStart(12, '0')}`, revision); // prettier-ignore
    expect(state.bytes - before).toBeGreaterThan(12_000);
  });
});
