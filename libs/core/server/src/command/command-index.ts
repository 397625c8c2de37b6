/**
 * The command ids in a stream and the revision at which each begins: an open-addressing hash table with 12 bytes an entry,
 * at most half full, so that a million commands take about 25 MB. It keeps 60 random bits of an id: a hit is a candidate,
 * to be compared with the event in the stream.
 */
export class CommandIndex {
  #slots = new Uint32Array(3 * 16);
  #size = 0;
  #latest: string | null = null;

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#slots.byteLength;
  }

  add(commandId: string, revision: number): void {
    // The staged events of an import, hundreds of thousands, share one command.
    if (commandId === this.#latest) return;
    this.#latest = commandId;
    if (2 * (this.#size + 1) > this.#slots.length / 3) this.#grow();
    this.#put(...halves(commandId), revision + 1);
    this.#size += 1;
  }

  /** Candidate revisions for that command; almost always none or one. */
  find(commandId: string): number[] {
    const [high, low] = halves(commandId);
    const found: number[] = [];
    for (let at = this.#home(low); this.#slots[at + 2] !== 0; at = this.#next(at)) {
      if (this.#slots[at] === high && this.#slots[at + 1] === low) found.push(this.#slots[at + 2]! - 1);
    }
    return found;
  }

  /** Each command as `keyOf` names it, and the revision at which it begins. */
  *entries(): Generator<readonly [key: string, revision: number]> {
    for (let at = 0; at < this.#slots.length; at += 3) {
      if (this.#slots[at + 2] !== 0) yield [keyText(this.#slots[at]!, this.#slots[at + 1]!), this.#slots[at + 2]! - 1];
    }
  }

  /** `mark` is the revision plus one; zero marks a free slot. */
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

/** The bits that an index keeps of a command id, as text. */
export const keyOf = (commandId: string): string => keyText(...halves(commandId));
const keyText = (high: number, low: number): string => `${high.toString(36)}.${low.toString(36)}`;

/** Bits that are random in UUIDs of versions 5 and 7 alike. */
const halves = (id: string): [high: number, low: number] => [
  parseInt(id.slice(20, 23) + id.slice(24, 28), 16) >>> 0,
  parseInt(id.slice(28), 16) >>> 0,
];
