import { decimals, type ReportDeclaration, type Stamp } from '@daybook/kernel';

export type ReportRow = Readonly<Record<string, string>>;
/** What every report query answers, whatever it is about. */
export interface ReportAnswer {
  readonly company: { readonly id: string; readonly name: string; readonly currency: string };
  readonly from: string;
  readonly to: string;
  readonly rows: readonly ReportRow[];
  readonly totals: ReportRow;
  readonly notices: readonly { code: string; message: string; account: string; amount: string }[];
  readonly stamp: Stamp;
}
export interface ReportGroup {
  readonly key: string;
  readonly title: string;
  /** Subtotal per figure column. */
  readonly sums: ReportRow;
  readonly rows: readonly ReportRow[];
}

export const figuresOf = (report: ReportDeclaration): string[] => Object.keys(report.figures);
export const isZeroRow = (report: ReportDeclaration, row: ReportRow): boolean =>
  figuresOf(report).every((column) => decimals.isZero(row[column] ?? '0'));

/** Rows in their groups, in the order the declaration titles them, each with its exact subtotals. */
export function grouped(report: ReportDeclaration, rows: readonly ReportRow[], hideZero: boolean): ReportGroup[] {
  const columns = figuresOf(report);
  return Object.entries(report.group.titles).flatMap(([key, title]) => {
    const own = rows.filter((row) => row[report.group.field] === key);
    const shown = hideZero ? own.filter((row) => !isZeroRow(report, row)) : own;
    if (shown.length === 0) return [];
    const sums = Object.fromEntries(columns.map((c) => [c, decimals.sum(own.map((row) => row[c] ?? '0'))]));
    return [{ key, title, sums, rows: shown }];
  });
}

/** As filed against as known now, per row: what it was, what it is, and the exact difference. */
export interface Difference {
  readonly then: string;
  readonly now: string;
  readonly difference: string;
}
export function differences(
  report: ReportDeclaration,
  column: string,
  then: readonly ReportRow[],
  now: readonly ReportRow[],
): ReadonlyMap<string, Difference> {
  const byId = (rows: readonly ReportRow[]) => new Map(rows.map((row) => [row[report.id] ?? '', row]));
  const [before, after] = [byId(then), byId(now)];
  const ids = new Set([...before.keys(), ...after.keys()]);
  return new Map(
    [...ids].map((id) => {
      const was = before.get(id)?.[column] ?? '0';
      const is = after.get(id)?.[column] ?? '0';
      return [id, { then: was, now: is, difference: decimals.sub(is, was) }];
    }),
  );
}

const pad = (n: number): string => String(n).padStart(2, '0');
const lastDay = (year: number, month: number): string =>
  `${year}-${pad(month)}-${pad(new Date(Date.UTC(year, month, 0)).getUTCDate())}`;

/** Periods worth a click, for the day the console is at. */
export function periodsAround(day: string): { label: string; from: string; to: string }[] {
  const [year, month] = [Number(day.slice(0, 4)), Number(day.slice(5, 7))];
  const [lastYear, lastMonth] = month === 1 ? [year - 1, 12] : [year, month - 1];
  const quarter = Math.floor((month - 1) / 3) * 3 + 1;
  return [
    { label: 'This year to date', from: `${year}-01-01`, to: day },
    { label: 'This month', from: `${year}-${pad(month)}-01`, to: lastDay(year, month) },
    { label: 'Last month', from: `${lastYear}-${pad(lastMonth)}-01`, to: lastDay(lastYear, lastMonth) },
    { label: 'This quarter', from: `${year}-${pad(quarter)}-01`, to: lastDay(year, quarter + 2) },
    { label: 'This year', from: `${year}-01-01`, to: `${year}-12-31` },
    { label: 'Last year', from: `${year - 1}-01-01`, to: `${year - 1}-12-31` },
  ];
}
