/** How many entries are put into maps within the work: by `set`, and by each copy of a map. Counts where a time would depend on the machine. */
export function copiesOf(work: () => unknown): number {
  const set = Map.prototype.set;
  let count = 0;
  // A map that is made from entries puts each by this method (ECMA-262).
  Map.prototype.set = function (this: Map<unknown, unknown>, key, value) {
    count += 1;
    return set.call(this, key, value) as typeof this;
  };
  try {
    work();
    return count;
  } finally {
    Map.prototype.set = set;
  }
}
