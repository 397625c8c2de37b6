import { expectGolden } from '@daybook/event-store/testing/golden';
import { personErased } from '../person/person.events.js';
import { erasureBegun, erasureFinished, retentionLifted, retentionSet, aliasErased } from './privacy.events.js';

const personId = '0190a1b2-0000-7000-8000-0000000000c1';
const alias = '0190a1b2-0000-7000-8000-0000000000c2';

describe('the events about personal data', () => {
  it.each([
    ['retention-set', () => expectGolden(retentionSet, [{ personId, reason: 'Payroll', until: '2031-12-31' }])],
    ['retention-lifted', () => expectGolden(retentionLifted, [{ personId, reason: 'Payroll is closed' }])],
    [
      'erasure-begun',
      () =>
        expectGolden(erasureBegun, [
          { personId, reason: 'Asked for it' },
          { personId, reason: 'Asked', aliases: [alias] },
        ]),
    ],
    [
      'erasure-finished',
      () =>
        expectGolden(erasureFinished, [
          { personId, positions: ['12', '40-44'], events: 6, places: [{ place: 'identity.credentials', count: 1 }] },
        ]),
    ],
    ['alias-erased', () => expectGolden(aliasErased, [{ subject: alias, reason: 'Asked for it' }])],
    ['person-erased', () => expectGolden(personErased, [{ personId }])],
  ])('%s keep their stored format', (_, check) => check());

  it('erase the subject they name, where they are declared to', () => {
    expect(personErased.erases?.({ personId })).toBe(personId);
    expect(erasureBegun.erases?.({ personId, reason: 'Asked' })).toBe(personId);
    expect(aliasErased.erases?.({ subject: alias, reason: 'Asked' })).toBe(alias);
    expect([retentionSet.erases, retentionLifted.erases, erasureFinished.erases]).toEqual([null, null, null]);
  });
});
