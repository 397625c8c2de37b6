/*
 * What changes between two values, as a change carries it (JSON Merge Patch, and lists of the same length by place): what
 * was not touched is not sent, so that what the role may not see, or was shown masked, stays as it is. Pure.
 */
type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === '';
const same = (a: unknown, b: unknown): boolean => (isEmpty(a) && isEmpty(b)) || JSON.stringify(a) === JSON.stringify(b);

/** null takes a field away. */
export function changesOf(before: Fields, after: Fields): Record<string, unknown> {
  const changes: Record<string, unknown> = {};
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [before[field], after[field]];
    if (same(was, is)) continue;
    changes[field] = is === undefined ? null : changeOf(was, is);
  }
  return changes;
}

function changeOf(was: unknown, is: unknown): unknown {
  if (isFields(was) && isFields(is)) return changesOf(was, is);
  if (!Array.isArray(was) || !Array.isArray(is) || was.length !== is.length) return is;
  const places = is.flatMap((one: unknown, place) =>
    same(was[place], one) ? [] : [[String(place), changeOf(was[place], one)] as const],
  );
  return Object.fromEntries(places);
}
