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
      'The data at DATABASE_URL was written by Daybook 0.1, which this version cannot read. Set DATABASE_URL to another database; import your SAF-T files again.',
    );
    expect(refused('EVENTSTORE_URL', 1)).toBe(
      'The event log at EVENTSTORE_URL was written by Daybook 0.1, which this version cannot read. Set EVENTSTORE_URL to another event store; import your SAF-T files again.',
    );
  });

  it('is refused when a newer version wrote it', () => {
    expect(refused('DATABASE_URL', dataFormat + 1)).toBe(
      'The data at DATABASE_URL was written by a newer Daybook, which this version cannot read. Use that one, or set DATABASE_URL to another database.',
    );
  });

  it("is accepted when the format is this program's", () => {
    requireFormat('DATABASE_URL', dataFormat);
    requireFormat('EVENTSTORE_URL', dataFormat);
  });
});
