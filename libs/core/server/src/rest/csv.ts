import type { CsvFormName } from '@daybook/kernel';

/* Lists as CSV, by content negotiation; the form is a parameter of the media type. */

/** The CSV form that the caller accepts, null for JSON. Only an explicit `text/csv` counts; a wildcard means JSON. */
export function wantedCsv(accept: string | undefined): CsvFormName | null {
  const ranges = (accept ?? '').split(',').map((range) => {
    const [type = '', ...parameters] = range.toLowerCase().split(';');
    const given = new URLSearchParams(parameters.map((parameter) => parameter.trim()).join('&'));
    return { type: type.trim(), q: Number(given.get('q') ?? '1') || 0, form: given.get('form') };
  });
  const best = (type: string) => ranges.filter((range) => range.type === type).sort((a, b) => b.q - a.q)[0];
  const csv = best('text/csv');
  if (csv === undefined || csv.q <= (best('application/json')?.q ?? 0)) return null;
  return csv.form === 'excel' ? 'excel' : 'plain';
}

export const csvTypeOf = (form: CsvFormName): string =>
  `text/csv; charset=utf-8; header=present${form === 'plain' ? '' : `; form=${form}`}`;
