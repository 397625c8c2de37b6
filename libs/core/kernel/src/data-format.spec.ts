import { dataFormat, type DataFormatError, requireFormat } from './data-format.js';

const refused = (...asked: Parameters<typeof requireFormat>): string => {
  try {
    requireFormat(...asked);
  } catch (error) {
    return (error as DataFormatError).message;
  }
  throw new Error('It was accepted.');
};

describe('data in another format', () => {
  it('is refused with the version that wrote it, the variable to change, and what to do', () => {
    expect(refused('DATABASE_URL', 1)).toBe(
      'The data at DATABASE_URL was written by Daybook 0.1, and this version cannot read it. Set DATABASE_URL to another database, and import your SAF-T files again.',
    );
    expect(refused('EVENTSTORE_URL', 1)).toBe(
      'The event log at EVENTSTORE_URL was written by Daybook 0.1, and this version cannot read it. Set EVENTSTORE_URL to another event store, and import your SAF-T files again.',
    );
  });

  it('is refused when a newer version wrote it', () => {
    expect(refused('DATABASE_URL', dataFormat + 1)).toBe(
      'The data at DATABASE_URL was written by a newer Daybook, and this version cannot read it. Use that version, or set DATABASE_URL to another database.',
    );
  });

  it("is accepted when the format is this program's", () => {
    requireFormat('DATABASE_URL', dataFormat);
    requireFormat('EVENTSTORE_URL', dataFormat);
  });
});
