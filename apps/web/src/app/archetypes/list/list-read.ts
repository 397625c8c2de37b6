import { computed, inject, type Signal, signal } from '@angular/core';
import type { QueryOperation, ViewDeclaration } from '@daybook/kernel';
import { Api } from '../../core/api';
import { AsOf } from '../../core/as-of';
import { type Asked, asked } from '../../core/asked';
import { CustomFields, isCustomName, withCustom } from '../../core/custom-fields';
import { Live } from '../../core/live';
import { Rights } from '../../core/rights';
import { inputOf, type Query, type Row } from './list-state';

/** A page of a list, with what is shown above it (an account ledger's opening and closing). */
export interface ListAnswer extends Record<string, unknown> {
  readonly items: readonly Row[];
  /** Absent where the list is always whole. */
  readonly next?: string | null;
  readonly previous?: string | null;
}

export interface ListRead extends Asked<ListAnswer> {
  readonly rows: Signal<readonly Row[]>;
  /** Rows that match and are newer than the page: they wait until they are pulled. */
  readonly newer: Signal<number>;
  readonly allowed: Signal<boolean>;
  /** What the list is asked with. */
  readonly input: Signal<Record<string, unknown>>;
  pull(): void;
  /** How many rows match, as the list answers it; one that does not is read page by page, up to `most`. */
  count(most: number, signal: AbortSignal): Promise<{ count: number; complete: boolean }>;
}
const settle = 300;

/** Reads a view's list as the address says, and follows it live. Needs an injection context. */
export function listRead(
  view: Signal<ViewDeclaration>,
  query: Signal<Query>,
  path: Signal<Query>,
  limit: Signal<number>,
): ListRead {
  const api = inject(Api);
  const asOf = inject(AsOf);
  const rights = inject(Rights);
  const allowed = computed(() => rights.may(view().list));
  const customFields = inject(CustomFields);
  // Rows that the address leaves out are not shown first.
  const ready = computed(() => customFields.known() || !Object.keys(query()).some(isCustomName));
  const input = computed(() => inputOf(view(), query(), path(), asOf.date(), limit()), {
    equal: (a, b) => JSON.stringify(a) === JSON.stringify(b),
  });
  const ask = async (fields: Record<string, unknown>, signal: AbortSignal, known = asOf.known()) =>
    (await api.ask(view().list as QueryOperation, fields, { signal, known })) as ListAnswer;
  const read = asked(
    () => (allowed() && ready() ? { list: view().list.name, input: input(), known: asOf.known() } : null),
    ({ input: fields, known }, signal) => ask(fields, signal, known),
  );
  const newer = signal(0);
  const idOf = (row: Row): string => String(row[view().id]);

  /** Changes of rows on the page are shown in place; new rows are only counted, so that nothing moves under the cursor. */
  const look = async (): Promise<void> => {
    const shown = read.value();
    if (shown === undefined || asOf.past() || read.pending()) return;
    if (shown.items.length === 0 || query()['cursor']) return read.reload();
    const fresh = await ask(input(), new AbortController().signal).catch(() => null);
    if (fresh === null || read.value() !== shown) return;
    const byId = new Map(fresh.items.map((row) => [idOf(row), row]));
    const held = new Set(shown.items.map(idOf));
    newer.set(fresh.items.filter((row) => !held.has(idOf(row))).length);
    const { items: _, ...above } = fresh;
    read.set({ ...shown, ...above, next: shown.next, items: shown.items.map((row) => byId.get(idOf(row)) ?? row) });
  };
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const live = inject(Live);
  // The names are read when a hint comes: route reuse may have put another view here.
  for (const name of new Set([...(view().channels ?? [view().path]), 'record-tags'])) {
    live.on(name, () => {
      if (name === 'record-tags' && !query()['tags'] && !query()['tagsNot']) return;
      clearTimeout(waiting);
      waiting = setTimeout(() => void look(), settle);
    });
  }
  const reload = (): void => {
    newer.set(0);
    read.reload();
  };
  return {
    ...read,
    reload,
    allowed,
    input,
    newer: newer.asReadonly(),
    rows: computed(() => {
      const items = read.value()?.items ?? [];
      return view().list.custom === null ? items : items.map(withCustom);
    }),
    pull: reload,
    async count(most, signal) {
      const { cursor: _, limit, ...fields } = input();
      const few = (rows: number) => (limit === undefined ? {} : { limit: rows });
      if ('count' in view().list.input.shape) {
        const { count } = await ask({ ...fields, ...few(1), count: true }, signal);
        return { count: Number(count), complete: true };
      }
      let count = 0;
      let cursor: string | null = null;
      do {
        const page: ListAnswer = await ask({ ...fields, ...few(200), ...(cursor === null ? {} : { cursor }) }, signal);
        count += page.items.length;
        cursor = page.next ?? null;
      } while (cursor !== null && count < most);
      return { count, complete: cursor === null };
    },
  };
}
