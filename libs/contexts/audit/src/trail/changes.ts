/** What two events of one record both speak of and say differently, in the order of the later one. Erased is empty. */
export function changesBetween(before: unknown, after: unknown): { field: string; before: string; after: string }[] {
  if (!isRecord(before) || !isRecord(after)) return [];
  return Object.entries(after)
    .filter(([field, value]) => field in before && isPlain(value) && isPlain(before[field]) && value !== before[field])
    .map(([field, value]) => ({ field, before: text(before[field]), after: text(value) }));
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
/** Lists and parts of a record are shown by the record's own page. */
const isPlain = (value: unknown): boolean => typeof value !== 'object' || value === null;
const text = (value: unknown): string => (value === null || value === undefined ? '' : String(value));
