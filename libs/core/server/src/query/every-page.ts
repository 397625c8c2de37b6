import { isRejection, pageLimit, reject } from '@daybook/kernel';

/** Most rows of one export; beyond it the list must be narrowed. */
export const mostRows = 100_000;

/**
 * All pages of a list in one snapshot, for exports: follows `next` until it ends. A list without pages is answered as
 * it is.
 */
export async function everyPage(
  rows: string,
  input: Record<string, unknown>,
  answer: (input: Record<string, unknown>) => Promise<unknown>,
): Promise<unknown> {
  const all: unknown[] = [];
  let cursor: string | undefined;
  for (;;) {
    const paged = 'limit' in input;
    const page = await answer(paged ? { ...input, limit: pageLimit.max, cursor } : input);
    if (isRejection(page)) return page;
    const fields = page as Record<string, unknown>;
    for (const row of fields[rows] as unknown[]) all.push(row);
    if (all.length > mostRows) {
      return reject('platform.too-many-rows', `More than ${mostRows} rows. Narrow the list with a filter.`, {
        status: 422,
        details: { most: mostRows },
      });
    }
    const next = fields['next'];
    if (typeof next !== 'string') return { ...fields, [rows]: all };
    cursor = next;
  }
}
