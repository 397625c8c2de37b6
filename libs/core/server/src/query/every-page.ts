import { isRejection, pageLimit, reject } from '@daybook/kernel';

/** Maximum rows of an export. */
export const maxExportRows = 100_000;

/**
 * All pages of a list in one snapshot, for exports: follows `next` until the last page. A list without pages is returned as
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
    if (all.length > maxExportRows) {
      return reject(
        'platform.too-many-rows',
        `The list has more than ${maxExportRows} rows. Narrow it with a filter.`,
        {
          status: 422,
          details: { most: maxExportRows },
        },
      );
    }
    const next = fields['next'];
    if (typeof next !== 'string') return { ...fields, [rows]: all };
    cursor = next;
  }
}
