import { changesBetween } from './changes.js';
import { historyDepth, ranges } from './describe-events.js';

describe('what changed between two events of a record', () => {
  it('is what both speak of and say differently', () => {
    const before = { number: '1500', name: 'Receivables', postingAllowed: true, lines: [1] };
    const after = { number: '1500', name: 'Trade receivables', postingAllowed: false, lines: [2], reason: 'new' };
    expect(changesBetween(before, after)).toEqual([
      { field: 'name', before: 'Receivables', after: 'Trade receivables' },
      { field: 'postingAllowed', before: 'true', after: 'false' },
    ]);
  });

  it('is empty where a value was erased, and nothing where there is no event', () => {
    expect(changesBetween({ name: null }, { name: 'A' })).toEqual([{ field: 'name', before: '', after: 'A' }]);
    expect(changesBetween(undefined, { name: 'A' })).toEqual([]);
  });
});

it('reads no more events for a page of the trail, however many its rows and their records have', () => {
  for (const rows of [1, 10, 50, 200]) expect(rows * historyDepth(rows)).toBeLessThanOrEqual(2_000);
  expect([historyDepth(1), historyDepth(5_000)]).toEqual([200, 2]);
});

it('reads neighbouring revisions of a stream in one go', () => {
  expect(ranges([7, 5, 6, 5, 100])).toEqual([
    { from: 5, limit: 3 },
    { from: 100, limit: 1 },
  ]);
});
