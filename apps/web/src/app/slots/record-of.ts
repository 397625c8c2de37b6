import type { OutputOf, QueryOperation } from '@daybook/kernel';

/** The record of a slot, as its query answers it: the view of that query names the slot. */
export const recordOf = <Q extends QueryOperation>(row: unknown): OutputOf<Q> => row as OutputOf<Q>;
