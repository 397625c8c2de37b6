/**
 * Which commands a stream holds, and at which revision each begins: an open-addressing hash table of 12 bytes an entry, at
 * most half full, so that a million commands take about 25 MB and none has to be forgotten. It keeps 60 random bits of an
 * id: a hit is a candidate, and what the stream holds there decides.
 */
export class CommandIndex {
  #slots = new Uint32Array(3 * 16);
  #size = 0;
  #latest: string | null = null;

  get size(): number {
    return this.#size;
  }

  add(commandId: string, revision: number): void {
    // Staged events of one import share a command, by the hundred thousand.
    if (commandId === this.#latest) return;
    this.#latest = commandId;
    if (2 * (this.#size + 1) > this.#slots.length / 3) this.#grow();
    this.#put(...halves(commandId), revision + 1);
    this.#size += 1;
  }

  /** Revisions at which that command may begin; almost always none or one. */
  find(commandId: string): number[] {
    const [high, low] = halves(commandId);
    const found: number[] = [];
    for (let at = this.#home(low); this.#slots[at + 2] !== 0; at = this.#next(at)) {
      if (this.#slots[at] === high && this.#slots[at + 1] === low) found.push(this.#slots[at + 2]! - 1);
    }
    return found;
  }

  /** `mark` is the revision plus one; zero is a free slot. */
  #put(high: number, low: number, mark: number): void {
    let at = this.#home(low);
    while (this.#slots[at + 2] !== 0) at = this.#next(at);
    this.#slots.set([high, low, mark], at);
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(2 * before.length);
    for (let at = 0; at < before.length; at += 3) {
      if (before[at + 2] !== 0) this.#put(before[at]!, before[at + 1]!, before[at + 2]!);
    }
  }

  #home = (low: number): number => 3 * (low & (this.#slots.length / 3 - 1));
  #next = (at: number): number => (at + 3) % this.#slots.length;
}

/** Bits that are random in UUIDs of versions 5 and 7 alike. */
const halves = (id: string): [high: number, low: number] => [
  parseInt(id.slice(20, 23) + id.slice(24, 28), 16) >>> 0,
  parseInt(id.slice(28), 16) >>> 0,
];
