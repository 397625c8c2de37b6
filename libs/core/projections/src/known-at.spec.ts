import { RejectionError } from '@daybook/kernel';
import { parseKnownAt } from './known-at.js';

const kindOf = (text: string): string => {
  try {
    return parseKnownAt(text).kind;
  } catch (error) {
    return error instanceof RejectionError ? error.rejection.code : 'broken';
  }
};

describe('a known-at parameter', () => {
  it('is an instant with or without seconds, a trail number or a position', () => {
    const instants = [
      '2026-03-31T12:00:00Z',
      '2026-03-31T12:00Z',
      '2026-03-31T12:00+02:00',
      '2026-03-31T12:00:00.123456Z',
    ];
    expect(instants.map(kindOf)).toEqual(instants.map(() => 'instant'));
    expect(['17', 'position:17'].map(kindOf)).toEqual(['trail', 'position']);
  });

  it('is refused for impossible dates, the year 0 and impossible hours', () => {
    const none = [
      '2026-02-30T00:00:00Z',
      '0000-01-01T00:00:00Z',
      '1000-01-01T00:00:00+23:59',
      '2026-01-01T24:00:00Z',
      'position:9999999999999999999',
    ];
    expect(none.map(kindOf)).toEqual(none.map(() => 'platform.known-at-invalid'));
  });
});
