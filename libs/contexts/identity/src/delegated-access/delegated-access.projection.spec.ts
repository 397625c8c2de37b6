import { recorded, rowsAfter } from '@daybook/projections/testing/given';
import { delegatedAccessAllowed, delegatedAccessEnded, delegatedAccessEntered } from './delegated-access.events.js';
import { delegatedAccess } from './delegated-access.projection.js';

const id = (n: number): string => `0190a1b2-0000-7000-8000-00000000000${n}`;
const of = { delegatedAccessId: id(1), personId: id(2), delegateId: id(3) };
const at = (version: number) => ({
  meta: { record: { type: 'identity.delegated-access', id: of.delegatedAccessId, version } },
});
const allowed = recorded(delegatedAccessAllowed, { ...of, until: '2026-04-02T12:00:00Z', reason: 'Year end' });
const entered = recorded(delegatedAccessEntered, of, at(2));
const row = (...events: Parameters<typeof rowsAfter>[1]) => rowsAfter(delegatedAccess, events)['consents'];

describe('the list of consents to delegated access', () => {
  it('lists a consent with the person, the delegate and the end', () => {
    const begun = { ...of, delegateId: null, until: '2026-04-02T12:00:00Z', reason: 'Year end', allowedAt: '2026-03-31T12:00:00Z', enteredAt: null, entries: 0, endedAt: null, endedBy: null, version: 1 }; // prettier-ignore
    expect(row(allowed)).toEqual([begun]);
    expect(row(allowed, allowed)).toEqual([begun]);
  });

  it('counts uses and shows the last one', () => {
    expect(row(allowed, entered)).toMatchObject([{ ...of, entries: 1, enteredAt: '2026-03-31T12:00:00Z', version: 2 }]);
    const again = recorded(delegatedAccessEntered, of, { ...at(3), recordedAt: '2026-04-01T08:00:00Z' });
    expect(row(allowed, entered, again)).toMatchObject([{ entries: 2, enteredAt: '2026-04-01T08:00:00Z', version: 3 }]);
  });

  it('shows when it was ended and by whom', () => {
    for (const by of ['person', 'admin'] as const) {
      const ended = recorded(delegatedAccessEnded, { ...of, by, reason: null }, at(2));
      expect(row(allowed, ended)).toMatchObject([{ endedAt: '2026-03-31T12:00:00Z', endedBy: by, version: 2 }]);
      expect(row(allowed, ended, ended)).toEqual(row(allowed, ended));
    }
  });
});
