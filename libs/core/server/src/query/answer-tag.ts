import { hash } from 'node:crypto';
import { type Operation, personalPlaces, version } from '@daybook/kernel';
import type { KnownTable, ReadContext, TableDeclaration } from '@daybook/projections';
import type { Caller } from '../binding.js';
import type { Answered, Representation } from '../dispatch/request.js';

/*
 * The entity tag of an answer from read models, made of what the answer depends on instead of its bytes: with If-None-Match it
 * is known before anything is read (docs/adr/0084). How far an answer reaches is found out while it is made, and its tag says
 * it with the first letter, so that the next request can compare without making the answer:
 *
 * - `m` moment: rows as of the stamp, which never change;
 * - `t` tenant: also rows of the tenant as they are now: who sees a row of any moment, and what an erasure empties;
 * - `a` all: also rows of other tenants (names of people), or the position of all;
 * - outside of the read models (past events, jobs, plain tables): no tag.
 */
type Reach = 'm' | 't' | 'a' | 'outside';
const further: Readonly<Record<Reach, number>> = { m: 0, t: 1, a: 2, outside: 3 };
const reachOf = (tag: string): Reach => (tag.startsWith('a') ? 'a' : tag.startsWith('t') ? 't' : 'm');

interface Asked {
  readonly operation: Operation;
  readonly input: unknown;
  readonly caller: Caller;
  readonly allRows: boolean;
  readonly representation: Representation;
}

export class AnswerTag {
  private reach: Reach = 'm';
  private readonly known: Representation['known'];
  private readonly ground: readonly unknown[];

  private constructor(
    { operation, input, caller, allRows, representation }: Asked,
    private readonly read: ReadContext,
  ) {
    // Who asks, and with which rights; not what differs from request to request.
    const { correlationId: _, address: __, reason: ___, ...who } = caller;
    const moment = [read.stamp, read.past ? String(read.position) : null, read.present.schemas];
    this.ground = [version, operation.name, input, representation.form, allRows, who, moment];
    this.known = representation.known;
  }

  /** Of a report, and of any read as of a moment; null for all others: a record's tag is its version, for If-Match. */
  static of(asked: Asked, read: ReadContext): AnswerTag | null {
    return read.past || isReport(asked.operation) ? new AnswerTag(asked, read) : null;
  }

  /** The answer to a caller who has what would be answered now, before it is made; null for all others. */
  get unchanged(): Answered | null {
    const known = this.known === '*' ? undefined : this.known.find((tag) => tag === this.as(reachOf(tag)));
    return known === undefined ? null : { kind: 'answered', value: null, tag: known, unchanged: true };
  }

  /** The answer with its tag; without its value for a caller who wants none that exists (`*`). */
  on({ value, ...made }: Answered): Answered {
    if (this.reach === 'outside') return { ...made, value };
    const tag = this.as(this.reach);
    return this.known === '*' ? { ...made, value: null, tag, unchanged: true } : { ...made, value, tag };
  }

  readonly outside = (): void => this.reaches('outside');

  private readonly reaches = (as: Reach): void => {
    if (further[as] > further[this.reach]) this.reach = as;
  };

  /** The same read, which notes how far the answer reaches. */
  watched(): ReadContext {
    const { read, reaches } = this;
    return {
      ...read,
      get position() {
        if (!read.past) reaches('a');
        return read.position;
      },
      rows: <T extends KnownTable>(table: T) => {
        if (read.past && isPersonal(table)) reaches('t');
        return read.rows(table);
      },
      latest: <T extends TableDeclaration>(table: T) => {
        reaches('t');
        return read.latest(table);
      },
      elsewhere: (...given) => {
        reaches('a');
        return read.elsewhere(...given);
      },
    };
  }

  private as(reach: Reach): string {
    const { newest, position } = this.read.present;
    const basis = { m: [], t: [newest], a: [newest, String(position)], outside: [] }[reach];
    return reach + hash('sha256', JSON.stringify([...this.ground, basis], asLists), 'base64url').slice(0, 22);
  }
}

/** A report says what it was read at. */
export function isReport({ output }: Operation): boolean {
  const fields = 'shape' in output ? (output.shape as object) : {};
  return 'stamp' in fields && !('version' in fields);
}

/** May an erasure empty cells of its rows? */
function isPersonal(table: TableDeclaration): boolean {
  const known = personal.get(table) ?? personalPlaces(table.row).length > 0;
  personal.set(table, known);
  return known;
}
const personal = new WeakMap<TableDeclaration, boolean>();
const asLists = (_: string, value: unknown): unknown =>
  value instanceof Map || value instanceof Set ? [...(value as Iterable<unknown>)] : value;
