import {
  type ColumnDeclaration, type ColumnFormat, type CsvFormName, csvForms, csvOf, type FilterDeclaration, type SavedView,
  type ViewDeclaration,
} from '@daybook/kernel'; // prettier-ignore
import { customConditions, isCustomName } from '../../core/custom-fields';
import { isList } from '../../core/schema';
import { listed } from '../../core/values';

/*
 * All that a reader of a list would want to keep or share is in the address: filters, order, columns, page, the
 * open drawer. This is the whole of that translation, and pure.
 */
export type Query = Readonly<Record<string, string>>;
export type Row = Readonly<Record<string, unknown>>;

/** Of a filter that can exclude, the second one says what is left out. */
export const fieldsOf = ({ field, not }: FilterDeclaration): readonly string[] =>
  typeof field !== 'string' ? field : not === undefined ? [field] : [field, not];
/** Address keys that narrow the rows; the text filter is one when the query takes it. */
export function filterFields(view: ViewDeclaration): string[] {
  const declared = view.filters.flatMap(fieldsOf);
  return 'text' in view.list.input.shape ? ['text', ...declared] : declared;
}
export const filtersIn = (view: ViewDeclaration, query: Query): Query =>
  Object.fromEntries(filterFields(view).flatMap((name) => (query[name] ? [[name, query[name]]] : [])));

/** The query's input: what is in the address, in the path (`accounts/{number}`), and the business date on top. */
export function inputOf(
  view: ViewDeclaration,
  query: Query,
  path: Query,
  asOfDate: string | null,
  limit: number,
): Record<string, unknown> {
  const shape = view.list.input.shape as Record<string, Parameters<typeof isList>[0]>;
  // A list that is always whole takes no limit.
  const input: Record<string, unknown> = 'limit' in shape ? { limit } : {};
  for (const [name, value] of Object.entries({ ...filtersIn(view, query), ...path })) {
    if (name in shape) input[name] = isList(shape[name]) ? value.split(',') : value;
  }
  const custom = customConditions(
    view.filters.filter((filter) => fieldsOf(filter).every(isCustomName)),
    query,
  );
  if (custom.length > 0) input['custom'] = custom;
  if (query['customSort'] && 'customSort' in shape) input['customSort'] = query['customSort'];
  if (query['cursor'] && 'cursor' in shape) input['cursor'] = query['cursor'];
  if (view.order !== undefined && query['order']) {
    // Whatever does not say the one order is the other, as `oldest` of former addresses.
    const { field, asc, desc } = view.order;
    const order = query['order'] === desc ? desc : asc;
    input[field] = isList(shape[field]) ? [order] : order;
  }
  if (asOfDate !== null && 'to' in shape) {
    const to = input['to'];
    input['to'] = typeof to === 'string' && to < asOfDate ? to : asOfDate;
  }
  return input;
}

/** Shown columns in order: those of the address, else those not declared hidden. */
export function shownColumns(view: ViewDeclaration, query: Query): [string, ColumnDeclaration][] {
  const all = Object.entries(view.columns);
  const asked = query['columns']?.split(',');
  if (asked === undefined) return all.filter(([, column]) => column.hidden !== true);
  return all.filter(([name, column]) => asked.includes(name) || column.pin === true);
}
export const labelOf = (name: string, column: { readonly label?: string }): string => {
  const text = column.label ?? name.replace(/([A-Z])/g, ' $1').toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/** The saved view whose filters are exactly the active ones. */
export function viewOf(view: ViewDeclaration, own: readonly SavedView[], query: Query): SavedView | null {
  const now = JSON.stringify(Object.entries(filtersIn(view, query)).sort());
  const all: readonly SavedView[] = [{ name: 'All', where: {} }, ...view.views, ...own];
  return all.find((saved) => JSON.stringify(Object.entries(saved.where).sort()) === now) ?? null;
}

/** Part of a row in the two lines of the narrow layout. */
export function placeOf(
  view: ViewDeclaration,
  shown: readonly [string, ColumnDeclaration][],
): Readonly<Record<string, string>> {
  const first = (fits: (column: ColumnDeclaration) => boolean, from = shown): string | undefined =>
    from.find(([, column]) => fits(column))?.[0];
  const amounts = amountsOf(shown);
  // A name that is pinned is what a row is called; a number or code is below the words, where there are any.
  const words = first((column) => column.grow === true);
  const named = first(
    (column) => column.pin === true && column.drill !== undefined && (column.as === 'text' || words === undefined),
  );
  const places: Record<string, string | undefined> = {
    text: named ?? words,
    // Where the pinned column is the text itself, the next field is below it.
    number:
      (named === undefined ? first((column) => column.pin === true && column.grow !== true) : undefined) ??
      first((column) => column.pin !== true && ['text', 'role', 'company'].includes(column.as)),
    // Of several none may pass for another: each says its name, one below the other.
    ...(amounts.length > 1
      ? {}
      : { amount: amounts[0] ?? first((column) => column.as === 'quantity' || column.as === 'percent') }),
    date: first((column) => column.as === 'date' || column.as === 'instant'),
    status: first((column) => column.as === 'status'),
  };
  return Object.fromEntries([
    ...Object.entries(places).flatMap(([place, name]) => (name === undefined ? [] : [[name, place]])),
    ...(amounts.length > 1 ? amounts.map((name) => [name, 'amounts']) : []),
  ]);
}
const amountsOf = (shown: readonly [string, ColumnDeclaration][]): string[] =>
  shown.filter(([, column]) => column.as === 'money' || column.as === 'amount').map(([name]) => name);

/** The columns as shown; a code is followed by its name. */
export function listCsv(
  columns: readonly [string, ColumnDeclaration][],
  rows: readonly Row[],
  form: CsvFormName = 'plain',
): string {
  const each = new Map(columns.map(([name, column]) => [name, column.each]));
  const named = columns.flatMap(([name, { as, name: other }]) => [
    { name, isDecimal: decimalFormats.has(as) },
    ...(other === undefined ? [] : [{ name: other }]),
  ]);
  const values = rows.map((row) =>
    Object.fromEntries(named.map(({ name }) => [name, listed(row[name], each.get(name))])),
  );
  return csvOf(named, values, csvForms[form]);
}
const decimalFormats: ReadonlySet<ColumnFormat> = new Set(['money', 'amount', 'quantity', 'percent']);
/** Figures stand right, one below the other by their units. */
export const isFigure = ({ as }: { readonly as?: ColumnFormat }): boolean =>
  as !== undefined && (decimalFormats.has(as) || as === 'count' || as === 'position');
