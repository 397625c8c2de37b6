import * as z from 'zod';

/*
 * Business dates: `YYYY-MM-DD` without time or time zone, which compare as text. Instants (RFC 3339) are something else.
 */
export type PlainDate = string;

/*
 * Years 1000 to 9999, in UTC too: PostgreSQL has no year 0, a fiscal year may begin in the calendar year before, and later
 * years have five digits. What a table cannot store must not become an event.
 */
const isStorable = (text: string): boolean => {
  const at = Date.parse(text);
  return Number.isNaN(at) || /^[1-9]\d{3}-/.test(new Date(at).toISOString());
};
const dateLike = 'Give a date like 2026-03-31.';
export const plainDate = z.iso
  .date(dateLike)
  .refine(isStorable, dateLike)
  .meta({ id: 'PlainDate', description: 'Business date, YYYY-MM-DD', pattern: String.raw`^[1-9]\d{3}-\d{2}-\d{2}$` });
export const instant = z.iso
  .datetime({ offset: true })
  .refine(isStorable, 'Give an instant between the years 1000 and 9999.')
  .meta({ id: 'Instant', description: 'RFC 3339 instant' });

const dayMs = 86_400_000;
const toDays = (date: PlainDate): number => Date.parse(`${date}T00:00:00Z`) / dayMs;
const fromDays = (days: number): PlainDate => new Date(days * dayMs).toISOString().slice(0, 10);

export const isPlainDate = (text: string): boolean => plainDate.safeParse(text).success;
export const addDays = (date: PlainDate, days: number): PlainDate => fromDays(toDays(date) + days);
export const daysBetween = (from: PlainDate, to: PlainDate): number => toDays(to) - toDays(from);
export const yearOf = (date: PlainDate): number => Number(date.slice(0, 4));
export const monthOf = (date: PlainDate): number => Number(date.slice(5, 7));
export const firstOfMonth = (date: PlainDate): PlainDate => `${date.slice(0, 7)}-01`;
export const lastOfMonth = (date: PlainDate): PlainDate => {
  const [year, month] = [yearOf(date), monthOf(date)];
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
};
/** The date of an instant in a time zone (IANA name). */
export const dateInZone = (at: string, zone: string): PlainDate =>
  new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    new Date(at),
  );

/** The instant at which the clocks of a zone show this day and time. */
export function instantInZone(date: string, time: string, zone: string): string {
  const wanted = Date.parse(`${date}T${time}Z`);
  let at = wanted;
  // The offset is that of the answer, which is found in two steps; a third would change nothing.
  for (let step = 0; step < 2; step += 1) {
    const parts = Object.fromEntries(
      new Intl.DateTimeFormat('en-GB', {
        timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit',
        hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
      }).formatToParts(at).map(({ type, value }) => [type, value]),
    ); // prettier-ignore
    const shown = Date.parse(
      `${parts['year']}-${parts['month']}-${parts['day']}T${parts['hour']}:${parts['minute']}:${parts['second']}Z`,
    );
    // The clock shows whole seconds; what is below them stays as it is.
    at += Math.floor(wanted / 1000) * 1000 - shown;
  }
  return new Date(at).toISOString();
}

/** Is it the IANA name of a time zone? */
export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
