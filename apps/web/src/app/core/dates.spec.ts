import { describe, expect, it } from 'vitest';
import { instantInZone } from '@daybook/kernel';
import { parseDate, parseMoment } from './dates';

const on = '2026-05-12';

describe('dates as people type them', () => {
  it.each([
    ['t', '2026-05-12'],
    ['-1', '2026-05-11'],
    ['15', '2026-05-15'],
    ['153', '2026-03-15'],
    ['1503', '2026-03-15'],
    ['150325', '2025-03-15'],
    ['m', '2026-05-31'],
    ['q1', '2026-03-31'],
    ['31.3.26', '2026-03-31'],
    ['31 Mar 2026', '2026-03-31'],
    ['31 march', '2026-03-31'],
    ['2026-03-31', '2026-03-31'],
  ])('%s is %s', (typed, date) => expect(parseDate(typed, on)).toBe(date));

  it.each(['', 'x', '31.2.2026', '32', '1 foo 2026', '2026-13-01'])('"%s" is none', (typed) =>
    expect(parseDate(typed, on)).toBeNull(),
  );

  it('reads a moment in the zone of the company, summer and winter', () => {
    expect(instantInZone('2026-04-08', '16:00:00', 'Europe/Oslo')).toBe('2026-04-08T14:00:00.000Z');
    expect(instantInZone('2026-12-08', '16:00:00', 'Europe/Oslo')).toBe('2026-12-08T15:00:00.000Z');
    expect(parseMoment('8 Apr 2026 16:00', on, 'Europe/Oslo')).toBe('2026-04-08T14:00:00.000Z');
    expect(parseMoment('8 Apr 2026', on, 'Europe/Oslo')).toBe('2026-04-08T21:59:59.999Z');
    expect(parseMoment('39 407', on, 'Europe/Oslo')).toBe('39407');
    expect(parseMoment('2026-04-08T14:00:00Z', on, 'Europe/Oslo')).toBe('2026-04-08T14:00:00Z');
    expect(parseMoment('position:556', on, 'Europe/Oslo')).toBe('position:556');
    expect(parseMoment('soon', on, 'Europe/Oslo')).toBeNull();
  });
});
