import type { QueryOperation } from './operation.js';

/*
 * How the console shows a report: rows in groups with subtotals, figure columns, a total that closes
 * with a double rule, and which query explains a figure. The archetype gives period, folding, keys, stamp and drawer.
 */
export interface ReportDeclaration {
  readonly kind: 'report';
  /** Takes companyId, from and to; answers rows, totals, notices and a stamp. */
  readonly read: QueryOperation;
  /** Address below the company: `trial-balance`. */
  readonly path: string;
  readonly title: string;
  readonly icon: string;
  /** Second key of the G sequence. */
  readonly key?: string;
  /** Fields of a row: what identifies it, its name, and the group it stands in. */
  readonly id: string;
  readonly name: string;
  readonly group: { readonly field: string; readonly titles: Readonly<Record<string, string>> };
  readonly figures: Readonly<Record<string, { readonly label: string; readonly quiet?: boolean }>>;
  /** Two columns whose totals are equal in sound books, and the words for it. */
  readonly balanced?: { readonly columns: readonly [string, string]; readonly says: string };
  /** Takes companyId, from, to, `account` (a row's id, `class:<group>` or `total`) and `column`. */
  readonly explain: QueryOperation;
  /** Address of a row's own page below the company; `{account}` is filled from the row. Rows without digits have none. */
  readonly opens?: string;
}

export const report = (
  read: QueryOperation,
  declared: Omit<ReportDeclaration, 'kind' | 'read'>,
): ReportDeclaration => ({
  kind: 'report',
  read,
  ...declared,
});
