import { changesBetween } from './changes.js';
import { ranges } from './describe-events.js';

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

it('reads neighbouring revisions of a stream in one go', () => {
  expect(ranges([7, 5, 6, 5, 100])).toEqual([
    { from: 5, limit: 3 },
    { from: 100, limit: 1 },
  ]);
});
