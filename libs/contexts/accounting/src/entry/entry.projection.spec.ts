import { recorded, rowsAfter } from '@daybook/projections/testing/given';
import { entryStaged } from '../import/import.events.js';
import { entryHeld, entryPosted, entryReleased, entryReversed, importPosted } from '../ledger/ledger.events.js';
import { company, entry, id } from '../ledger/testing/given.js';
import { importId, postedImport, staged, stream } from '../ledger/testing/staged.js';
import { entryProjection } from './entry.projection.js';

const line = { account: '1920', side: 'debit', amount: '100' };

describe('the entries read model', () => {
  it('has a row per entry and one per line', () => {
    const event = recorded(
      entryPosted,
      entry(1, {
        voucher: 'V1',
        lines: [
          { account: '3000', side: 'credit', amount: '60.00', party: { type: 'customer', id: 'Brygga' } },
          { account: '1920', side: 'debit', amount: '100.00', description: 'Till' },
          {
            account: '2700',
            side: 'credit',
            amount: '40.00',
            tax: [{ code: '3', base: '160.00', percent: '25', amount: '40.00' }],
          },
        ],
      }),
    );
    const { entries, entry_lines: lines } = rowsAfter(entryProjection, [event]);
    expect(entries).toMatchObject([
      {
        id: id(1),
        number: 'GL-2026-0001',
        mainAccount: '1920',
        party: 'Brygga',
        amount: '100',
        status: 'posted',
        recordedBy: 'ingrid',
        position: String(event.position),
        version: 1,
        postingOrder: '1',
        recordedIn: { stream: event.stream, revision: event.revision },
      },
    ]);
    expect(lines).toMatchObject([
      { line: 1, account: '3000', description: null, entryDescription: 'Sale', voucher: 'V1', postingOrder: '1' },
      { line: 2, ...line, description: 'Till', postingOrder: '2' },
      { line: 3, account: '2700', tax: [{ code: '3' }], postingOrder: '3' },
    ]);
  });

  it('marks an entry that was reversed, and does not change its lines', () => {
    const reversal = entry(2, { kind: 'reversal', reverses: { entryId: id(1), number: 'GL-2026-0001' } });
    const reversedBy = { entryId: id(2), number: 'GL-2026-0002' };
    const events = [
      recorded(entryPosted, entry(1)),
      recorded(entryPosted, reversal),
      recorded(
        entryReversed,
        { companyId: company, entryId: id(1), number: 'GL-2026-0001', reversedBy },
        {
          meta: { record: { type: 'accounting.entry', id: id(1), version: 2 } },
        },
      ),
    ];
    const rows = rowsAfter(entryProjection, events);
    expect(rows['entries']).toMatchObject([
      { id: id(1), status: 'reversed', reversedBy, version: 2 },
      { id: id(2), status: 'posted', reverses: { entryId: id(1) }, version: 1 },
    ]);
    expect(rows['entry_lines']).toEqual(rowsAfter(entryProjection, events.slice(0, 2))['entry_lines']);
  });

  it('shows an entry on hold until it is released', () => {
    const about = { companyId: company, entryId: id(1), number: 'GL-2026-0001' };
    const version = (n: number) => ({ meta: { record: { type: 'accounting.entry', id: id(1), version: n } } });
    const held = [recorded(entryPosted, entry(1)), recorded(entryHeld, { ...about, reason: 'Waiting' }, version(2))];
    expect(rowsAfter(entryProjection, held)['entries']).toMatchObject([{ status: 'on-hold', version: 2 }]);
    const released = [...held, recorded(entryReleased, about, version(3))];
    expect(rowsAfter(entryProjection, released)['entries']).toMatchObject([{ status: 'posted', version: 3 }]);
  });

  it('shows staged entries like posted ones once their import is posted', () => {
    const waiting = [0, 1, 2].map((index) => recorded(entryStaged, staged(index), { stream, revision: index }));
    expect(rowsAfter(entryProjection, waiting)['entries']).toEqual([]);
    const posted = recorded(importPosted, postedImport());
    const { entries = [], entry_lines: lines = [] } = rowsAfter(entryProjection, [...waiting, posted]);
    expect(entries.map(({ number }) => number).sort()).toEqual(['GL-2026-0001', 'GL-2026-0002', 'OB-2026-0001']);
    expect(entries.find(({ number }) => number === 'GL-2026-0002')).toMatchObject({
      importId,
      source: { from: 21, to: 29 },
      position: String(posted.position),
      recordedIn: { stream, revision: 2 },
    });
    expect(lines.filter(({ number }) => number === 'OB-2026-0001')).toMatchObject([
      { line: 1, source: 2 },
      { line: 2, source: 3 },
      { line: 3, account: '2999', side: 'credit', amount: '40', source: null },
    ]);
    // Apart from fields of the import, a staged entry has the same row as a posted one.
    const alike = rowsAfter(entryProjection, [
      recorded(
        entryPosted,
        entry(1, {
          lines: [
            { account: '1920', side: 'debit', amount: '1' },
            { account: '3000', side: 'credit', amount: '1' },
          ],
        }),
      ),
    ]);
    expect(Object.keys(alike['entries']?.[0] ?? {})).toEqual(Object.keys(entries[0] ?? {}));
  });

  it('gives the same rows on every run', () => {
    const events = [recorded(entryPosted, entry(1)), recorded(entryPosted, entry(2))];
    expect(rowsAfter(entryProjection, events)).toEqual(rowsAfter(entryProjection, events));
  });

  it('refuses to add an entry twice', () => {
    const event = recorded(entryPosted, entry(1));
    expect(() => rowsAfter(entryProjection, [event, event])).toThrow('append-only');
  });
});
