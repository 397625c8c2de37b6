import { rows as append } from './rows/append.mjs';

/** All rows of the bench, in the order of its table. */
export const rows = [...append];
