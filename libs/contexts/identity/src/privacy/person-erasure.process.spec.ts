import { given, sent } from '@daybook/projections/testing/process';
import { recorded } from '@daybook/projections/testing/given';
import { personErasure } from './person-erasure.process.js';
import { erasureBegun } from './privacy.events.js';
import { eraseAlias, eraseKept } from './privacy.internal.js';

const id = (n: number): string => `0190a1b2-0000-7000-8000-0000000000${n}`;
const [personId, reason] = [id(10), 'They asked for it'];

describe('erasing a person', () => {
  it('erases every alias, then what is kept of the person and their keys', () => {
    const begun = recorded(erasureBegun, { personId, reason, aliases: [id(11), id(12)] });
    expect(given(personErasure).when(begun)).toEqual([
      sent(`erase ${id(11)}`, eraseAlias, { subject: id(11), reason }),
      sent(`erase ${id(12)}`, eraseAlias, { subject: id(12), reason }),
      sent('erase what is kept', eraseKept, { personId }),
    ]);
    expect(given(personErasure, begun).when(recorded(erasureBegun, { personId, reason }))).toEqual([
      sent('erase what is kept', eraseKept, { personId }),
    ]);
  });
});
