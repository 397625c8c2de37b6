import type { listReviewItems } from '@daybook/identity';
import type { ColumnDeclaration, OutputOf } from '@daybook/kernel';

export type Item = OutputOf<typeof listReviewItems>['items'][number];
export type Decision = 'keep' | 'revoke';
export type Tab = 'open' | 'all' | 'kept' | 'revoked';

export const tabs: readonly { readonly tab: Tab; readonly label: string }[] = [
  { tab: 'open', label: 'To decide' },
  { tab: 'kept', label: 'Kept' },
  { tab: 'revoked', label: 'Revoked' },
  { tab: 'all', label: 'All' },
];
export const isOpen = (item: Item): boolean => item.state === 'undecided' || item.state === 'overdue';
/** Open, and not the reader's own grant: what they can decide. */
export const canDecide = (item: Item): boolean => isOpen(item) && !item.own;

/** Rows of a tab. What was decided just now stays in its place until another tab is opened: nothing moves away. */
export const inTab = (items: readonly Item[], tab: Tab, held: ReadonlySet<string>): readonly Item[] =>
  items.filter((item) => {
    if (tab === 'all') return true;
    if (tab === 'open') return isOpen(item) || held.has(item.itemId);
    return tab === 'kept' ? item.state === 'kept' : item.state === 'revoked' || item.state === 'revoking';
  });

/** The next row to decide after one, from the top again after the last; -1 when none is left. */
export function nextOpen(rows: readonly Item[], after: number): number {
  const later = rows.findIndex((item, index) => index > after && canDecide(item));
  return later >= 0 ? later : rows.findIndex(canDecide);
}

/** A row as it will read once the server has it. */
export const decided = (item: Item, decision: Decision, reason: string, by: string, at: string): Item => ({
  ...item,
  decision,
  reason,
  decidedBy: by,
  decidedAt: at,
  state: decision === 'keep' ? 'kept' : 'revoking',
});

/** What was still being revoked, once the server has nothing left of that and as many open as here. */
export const revoked = <I extends { state: string; revocation: string | null }>(items: readonly I[]): I[] =>
  items.map((item) => (item.state === 'revoking' ? { ...item, state: 'revoked', revocation: 'revoked' } : item));

const column = (as: ColumnDeclaration['as']): ColumnDeclaration => ({ as });
/** The columns of the CSV file. */
export const csvColumns: readonly [string, ColumnDeclaration][] = [
  'holder', 'holderId', 'holderName', 'role', 'roleName', 'companyId', 'partyType', 'party', 'since', 'until', 'givenByName',
  'lastUsedAt', 'state', 'decision', 'reason', 'decidedByName', 'decidedAt', 'revocation', 'revocationNote',
].map((name) => [name, column('text')]); // prettier-ignore
