import { Type } from '@mikro-orm/core';

/*
 * Columns of entities whose values arrive as `createPool` gives them (type-parsers.ts): an instant is RFC 3339 text with the
 * microseconds PostgreSQL keeps, which a Date would cut off; JSON is parsed by the driver, and only there.
 */

/** `timestamptz`, as text: `p.type(Instant)`. */
export class Instant extends Type<string, string> {
  override getColumnType(): string {
    return 'timestamptz';
  }
  override compareAsType(): string {
    return 'string';
  }
  override ensureComparable(): boolean {
    return false;
  }
}

/** `jsonb`: `p.type(Json).$type<T>()`. */
export class Json extends Type<unknown, unknown> {
  override convertToDatabaseValue(value: unknown): unknown {
    return value === null || value === undefined ? value : JSON.stringify(value);
  }
  override getColumnType(): string {
    return 'jsonb';
  }
}

/** `bytea`, as a Buffer: `p.type(Bytes)`. */
export class Bytes extends Type<Buffer, Buffer> {
  override getColumnType(): string {
    return 'bytea';
  }
  override compareAsType(): string {
    return 'Buffer';
  }
  override ensureComparable(): boolean {
    return false;
  }
}
