import { fault } from './finding.js';
import type { Field, Maybe } from './records.js';

/** Limit on the elements of one record. A record is kept in memory; the file is not. */
export const maxRecordNodes = 200_000;

/** An element of a record. */
export class XmlNode {
  readonly children: XmlNode[] = [];
  value = '';
  to: number;
  constructor(
    readonly name: string,
    readonly line: number,
  ) {
    this.to = line;
  }

  child(name: string): XmlNode | undefined {
    return this.children.find((c) => c.name === name);
  }
  all(name: string): XmlNode[] {
    return this.children.filter((c) => c.name === name);
  }
  /** The trimmed text of a child with its line; null if the child is missing or empty. */
  field(name: string): Maybe {
    const found = this.child(name);
    const text = found?.value.trim() ?? '';
    return found && text !== '' ? { text, line: found.line } : null;
  }
  text(name: string): string | null {
    return this.field(name)?.text ?? null;
  }
  /** Every field of this name at any depth, in order. */
  *deep(name: string): Generator<Field> {
    for (const child of this.children) {
      if (child.name === name && child.value.trim() !== '') yield { text: child.value.trim(), line: child.line };
      yield* child.deep(name);
    }
  }
}

/** Builds the tree of a record. Drops text of elements that have children. */
export class NodeBuilder {
  private readonly path: XmlNode[];
  private nodes = 1;
  constructor(readonly root: XmlNode) {
    this.path = [root];
  }

  open(name: string, line: number): void {
    this.nodes += 1;
    if (this.nodes > maxRecordNodes) {
      throw fault(
        'saft.record-too-large',
        this.root.line,
        `This ${this.root.name} has more than ${maxRecordNodes} elements; it is too large to be one record.`,
      );
    }
    const node = new XmlNode(name, line);
    this.path.at(-1)!.children.push(node);
    this.path.push(node);
  }
  text(text: string): void {
    const node = this.path.at(-1)!;
    if (node.children.length === 0) node.value += text;
  }
  /** Returns true at the end tag of the record itself. */
  close(line: number): boolean {
    const node = this.path.pop()!;
    node.to = line;
    return this.path.length === 0;
  }
}
