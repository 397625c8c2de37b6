/** Positions as ranges, `["12", "40-44"]`, and their number without duplicates. */
export function ranges(positions: readonly bigint[]): { positions: string[]; events: number } {
  const sorted = [...new Set(positions)].sort((a, b) => (a < b ? -1 : 1));
  const found: [first: bigint, last: bigint][] = [];
  for (const position of sorted) {
    const last = found.at(-1);
    if (last && last[1] + 1n === position) last[1] = position;
    else found.push([position, position]);
  }
  return {
    positions: found.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)),
    events: sorted.length,
  };
}
