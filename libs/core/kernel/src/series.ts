/** A series of gapless numbers: 1, 2, 3 … per period, for records that have streams of their own. */
export interface Series {
  /** `identity.review`: the record that is numbered. */
  readonly name: string;
  /** A new count begins each year, or never. */
  readonly by: 'year' | 'never';
  readonly prefix: string;
  /** Shorter numbers are filled with zeros. */
  readonly digits: number;
}

/**
 * `series('identity.review', { by: 'year' })` gives `2026-1`, `2026-2`, …; with `{ by: 'year', prefix: 'Q', digits: 4 }` it gives
 * `Q-2026-0001`.
 */
export const series = (
  name: string,
  { by, prefix = '', digits = 1 }: { by: Series['by']; prefix?: string; digits?: number },
): Series => ({ name, by, prefix, digits });

/** The period that a day (or an instant) counts in; empty for a series that never begins anew. */
export const periodOf = ({ by }: Pick<Series, 'by'>, day: string): string => (by === 'year' ? day.slice(0, 4) : '');

export const formatNumber = ({ prefix, digits }: Series, period: string, number: number): string =>
  [prefix, period, String(number).padStart(digits, '0')].filter((part) => part !== '').join('-');
