import { recorded, rowsAfter } from '@daybook/projections/testing/given';
import { supportAllowed, supportEnded, supportEntered } from './support.events.js';
import { support } from './support.projection.js';

const id = (n: number): string => `0190a1b2-0000-7000-8000-00000000000${n}`;
const of = { supportId: id(1), personId: id(2), supporterId: id(3) };
const at = (version: number) => ({ meta: { record: { type: 'identity.support', id: of.supportId, version } } });
const allowed = recorded(supportAllowed, { ...of, until: '2026-04-02T12:00:00Z', reason: 'Year end' });
const entered = recorded(supportEntered, of, at(2));
const row = (...events: Parameters<typeof rowsAfter>[1]) => rowsAfter(support, events)['consents'];

describe('the list of consents to support', () => {
  it('has a consent, who gave it to whom, and until when', () => {
    const begun = { ...of, supporterId: null, until: '2026-04-02T12:00:00Z', reason: 'Year end', allowedAt: '2026-03-31T12:00:00Z', enteredAt: null, entries: 0, endedAt: null, endedBy: null, version: 1 }; // prettier-ignore
    expect(row(allowed)).toEqual([begun]);
    expect(row(allowed, allowed)).toEqual([begun]);
  });

  it('counts how often it was used, and says when last', () => {
    expect(row(allowed, entered)).toMatchObject([{ ...of, entries: 1, enteredAt: '2026-03-31T12:00:00Z', version: 2 }]);
    const again = recorded(supportEntered, of, { ...at(3), recordedAt: '2026-04-01T08:00:00Z' });
    expect(row(allowed, entered, again)).toMatchObject([{ entries: 2, enteredAt: '2026-04-01T08:00:00Z', version: 3 }]);
  });

  it('says when it was ended and by whom', () => {
    for (const by of ['person', 'admin'] as const) {
      const ended = recorded(supportEnded, { ...of, by, reason: null }, at(2));
      expect(row(allowed, ended)).toMatchObject([{ endedAt: '2026-03-31T12:00:00Z', endedBy: by, version: 2 }]);
      expect(row(allowed, ended, ended)).toEqual(row(allowed, ended));
    }
  });
});
