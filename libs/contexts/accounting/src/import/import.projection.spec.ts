import type { RecordedEvent } from '@daybook/kernel';
import { recorded, rowsAfter } from '@daybook/projections/testing/given';
import { company } from '../ledger/testing/given.js';
import { importCancelled, importPosted } from '../ledger/ledger.events.js';
import { found, importId, postedImport, report, staged, stream } from '../ledger/testing/staged.js';
import { entryStaged, importChecked, importRefused, importStarted } from './import.events.js';
import { importProjection } from './import.projection.js';

const record = { type: 'accounting.import', id: importId };
const version = (n: number) => ({ meta: { record: { ...record, version: n } } });
const start = () => recorded(importStarted, found().started!, { recordedAt: '2026-02-01T08:00:00Z', ...version(1) });
const staging = () => [0, 1, 2].map((index) => recorded(entryStaged, staged(index), { stream }));
const check = () =>
  recorded(
    importChecked,
    report({ accounts: [{ number: '9999', name: 'Other', class: null, postingAllowed: true }] }),
    version(2),
  );
const cancel = (n: number) => recorded(importCancelled, { companyId: company, importId }, version(n));
const rows = (...events: RecordedEvent[]) => rowsAfter(importProjection, events);
const one = (...events: RecordedEvent[]) => rows(...events)['imports']![0];

describe('the list of imports', () => {
  it('shows an import while its file is read', () => {
    expect(rows(start())).toEqual({
      imports: [
        {
          id: importId,
          companyId: company,
          companyName: null,
          fileName: 'books.xml',
          sha256: 'f'.repeat(64),
          size: 1000,
          format: null,
          status: 'reading',
          entries: null,
          lines: null,
          startedAt: expect.stringMatching(/^2026-02-01T08:00:00/),
          startedBy: 'ingrid',
          postedAt: null,
          version: 1,
          openingDifferenceAccount: null,
        },
      ],
      import_reports: [],
    });
  });

  it('has the report, and the decisions that the file leaves open', () => {
    const { imports, import_reports: reports } = rows(start(), ...staging(), check());
    expect(imports).toMatchObject([{ status: 'checked', format: '1.30', entries: 2, lines: 4, version: 2 }]);
    expect(reports).toMatchObject([
      { id: importId, report: { newCompany: true, unclassified: [{ number: '9999', name: 'Other' }], openingDifference: '-40.00' } },
    ]); // prettier-ignore
  });

  it('has the findings of a refusal, with counts', () => {
    const finding = {
      code: 'saft.malformed-xml',
      severity: 'error' as const,
      kind: 'error' as const,
      message: 'No.',
      line: 7,
    };
    const refused = recorded(importRefused, { importId, companyId: company, findings: [finding] }, version(2));
    const { imports, import_reports: reports } = rows(start(), refused);
    expect(imports).toMatchObject([{ status: 'refused', version: 2 }]);
    expect(reports).toMatchObject([{ report: { findings: [finding], findingCounts: { error: 1, warning: 0 } } }]);
  });

  it('shows when it was posted, and the account of the opening difference', () => {
    const posted = recorded(importPosted, postedImport(), { recordedAt: '2026-02-01T09:00:00Z', ...version(3) });
    expect(one(start(), ...staging(), check(), posted)).toMatchObject({
      status: 'posted',
      postedAt: expect.stringMatching(/^2026-02-01T09:00:00/),
      openingDifferenceAccount: '2999',
      version: 3,
    });
  });

  it('stays cancelled when the report of its job comes later', () => {
    expect(one(start(), ...staging(), check(), cancel(3))).toMatchObject({ status: 'cancelled', version: 3 });
    expect(one(start(), cancel(2), ...staging(), check())).toMatchObject({
      status: 'cancelled',
      format: '1.30',
      version: 2,
    });
  });
});
