import { nameId, newId } from '@daybook/kernel';
import { CommandIndex } from './command-index.js';

describe("the index of a stream's commands", () => {
  it('finds every command id, derived from a key or random, and none that was not added', () => {
    const index = new CommandIndex();
    const ids = Array.from({ length: 20_000 }, (_, i) => (i % 2 === 0 ? newId() : nameId(newId(), String(i))));
    ids.forEach((id, revision) => index.add(id, revision));
    expect(index.size).toBe(20_000);
    ids.forEach((id, revision) => expect(index.find(id)).toEqual([revision]));
    expect(Array.from({ length: 1_000 }, newId).flatMap((id) => index.find(id))).toEqual([]);
  });

  it('returns all candidates when two ids share the bits that are kept', () => {
    const index = new CommandIndex();
    const [one, two] = ['0199a9b2-0000-7000-8000-00000000000a', '0200a9b2-1111-5000-9000-00000000000a'];
    index.add(one, 0);
    index.add(two, 5);
    expect(index.find(one)).toEqual([0, 5]);
  });

  it('keeps one entry for consecutive events of one command', () => {
    const index = new CommandIndex();
    const id = newId();
    for (let revision = 3; revision < 5_000; revision++) index.add(id, revision);
    expect([index.size, index.find(id)]).toEqual([1, [3]]);
  });
});
