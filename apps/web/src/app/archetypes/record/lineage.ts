type Row = Readonly<Record<string, unknown>>;

export interface Link {
  readonly id: string | null;
  readonly number: string;
  readonly word: string;
  readonly icon: string;
  /** The one looked at. */
  readonly here: boolean;
  readonly gone: boolean;
}
const ref = (value: unknown): { entryId: string; number: string } | null =>
  typeof value === 'object' && value !== null && 'entryId' in value
    ? (value as { entryId: string; number: string })
    : null;

/** What came before and after a record, from its `reverses` and `reversedBy`; empty when there is none. */
export function lineageOf(row: Row, title: string): Link[] {
  const before = ref(row['reverses']);
  const after = ref(row['reversedBy']);
  if (before === null && after === null) return [];
  return [
    ...(before === null
      ? []
      : [{ id: before.entryId, number: before.number, word: 'Reversed', icon: 'undo-2', here: false, gone: true }]),
    {
      id: null,
      number: title,
      word: after === null ? 'Reversal' : 'Reversed',
      icon: 'undo-2',
      here: true,
      gone: after !== null,
    },
    ...(after === null
      ? []
      : [{ id: after.entryId, number: after.number, word: 'Reversal', icon: 'undo-2', here: false, gone: false }]),
  ];
}
