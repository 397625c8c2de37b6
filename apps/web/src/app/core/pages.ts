interface Page<R> {
  readonly items: readonly R[];
  readonly next: string | null;
}
/** The first so many pages of a list, read together: none is older than another, or of another moment. */
export async function firstPages<R>(
  count: number,
  ask: (page: { readonly cursor?: string }) => Promise<Page<R>>,
): Promise<Page<R>> {
  let { items, next } = await ask({});
  for (let at = 1; at < count && next !== null; at += 1) {
    const page = await ask({ cursor: next });
    [items, next] = [[...items, ...page.items], page.next];
  }
  return { items, next };
}
