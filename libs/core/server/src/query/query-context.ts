import {
  type CallOf,
  isRejection,
  type OutputOf,
  pageLimit,
  type QueryOperation,
  reject,
  type Rejection,
  RejectionError,
} from '@daybook/kernel';
import type { ReadContext } from '@daybook/projections';
import type { AnswerBinding, Caller, OperationContext, PageRequest, QueryContext } from '../context.js';
import { canonicalJson, deriveKey, hmac, sameBytes } from '../crypto.js';
import { Bindings, type Dependencies } from '../dispatch/bindings.js';
import { personOf } from '../dispatch/rights.js';
import { validate } from '../dispatch/validate.js';
import { hidesRows, recordSeen, seenBy } from './visible-rows.js';

export interface QueryScope {
  readonly caller: Caller;
  readonly context: OperationContext;
  readonly cursors: Cursors;
  readonly bindings: Bindings;
  readonly dependencies: Dependencies;
  readonly operation: string;
  readonly knownAt: string | null;
  readonly forNames?: boolean;
  readonly admitted?: QueryContext['admitted'];
  /** Told when the answer is made of more than read models. */
  readonly outside?: () => void;
}

/** Extends a read context with what queries need: caller, pages, files, past events, and other contexts' queries. */
export function queryContextOf(read: ReadContext, scope: QueryScope): QueryContext {
  const { bindings, caller, context, cursors, operation, knownAt, forNames = false } = scope;
  const { admitted = async () => undefined } = scope;
  // The key values in a cursor are those of rows that its reader saw.
  const reader = bindings.tables.some((table) => hidesRows(table, caller)) ? [personOf(caller), caller.allRows] : null;
  return {
    tenant: read.tenant,
    db: read.db,
    get position() {
      return read.position;
    },
    past: read.past,
    stamp: read.stamp,
    present: read.present,
    ...seenBy(caller, read),
    elsewhere: read.elsewhere,
    sees: (type, id) => recordSeen(bindings, caller, seenBy(caller, read), type, id),
    get events() {
      scope.outside?.();
      return context.events;
    },
    get files() {
      scope.outside?.();
      return context.files;
    },
    get jobs() {
      scope.outside?.();
      return context.jobs;
    },
    caller,
    admitted,
    forNames,
    asksMore: () => scope.outside?.(),
    ask: async <O extends QueryOperation>(asked: O, input: CallOf<O>, wanted = { forNames: false }) => {
      const valid = validate(asked, input);
      if (isRejection(valid)) return valid;
      const binding = scope.bindings.of(asked);
      if (binding.kind !== 'answer') throw new Error(`${asked.name} is not answered from read models`);
      if (usesMore(binding)) scope.outside?.();
      const inner = queryContextOf(read, { ...scope, ...wanted, operation: asked.name });
      return (await binding.handler(valid.input, inner, scope.dependencies.of(binding))) as OutputOf<O> | Rejection;
    },
    page: (request, filters, key, fetch) =>
      cutPage(cursors, { tenant: caller.tenant, operation, filters, knownAt, reader }, request, key, fetch),
  };
}

/** Does its handler get anything but the declarations of the program? */
export const usesMore = ({ inject }: Pick<AnswerBinding, 'inject'>): boolean =>
  Object.values(inject).some((token) => token !== Bindings);

/** What a cursor is bound to. */
export interface CursorScope {
  readonly tenant: string;
  readonly operation: string;
  readonly filters: unknown;
  readonly knownAt: string | null;
  /** Who sees the rows, where that differs from person to person. */
  readonly reader?: unknown;
}
type KeyValues = readonly (string | null)[];

const macBytes = 16;

/**
 * Signed keyset cursors: `base64url(mac ‖ JSON of the last row's key values)`. The MAC also covers tenant, operation, filters
 * and known-at, so a cursor works only for the list that it came from.
 */
export class Cursors {
  private readonly key: Buffer;
  constructor(secret: string) {
    this.key = deriveKey(secret, 'cursor');
  }

  write(scope: CursorScope, values: KeyValues): string {
    const payload = Buffer.from(JSON.stringify(values));
    return Buffer.concat([this.mac(scope, payload), payload]).toString('base64url');
  }

  /** Throws a RejectionError 400 `platform.cursor-invalid` for a modified cursor or one of another list. */
  read(scope: CursorScope, cursor: string): KeyValues {
    const bytes = Buffer.from(cursor, 'base64url');
    const payload = bytes.subarray(macBytes);
    if (!sameBytes(bytes.subarray(0, macBytes), this.mac(scope, payload))) {
      throw new RejectionError(
        reject('platform.cursor-invalid', 'This cursor does not belong to this list. Start again without a cursor.', {
          status: 400,
          errors: [
            { pointer: '/cursor', code: 'cursor-invalid', message: 'Use the `next` of the page before, unchanged.' },
          ],
        }),
      );
    }
    return JSON.parse(payload.toString()) as KeyValues;
  }

  private mac(scope: CursorScope, payload: Buffer): Buffer {
    const bound = canonicalJson([
      scope.tenant,
      scope.operation,
      scope.filters,
      scope.knownAt,
      ...(scope.reader ? [scope.reader] : []),
      payload.toString('base64'),
    ]);
    return hmac(this.key, bound).subarray(0, macBytes);
  }
}

/** Reads one row more than requested, to know whether there is a next page. */
export async function cutPage<R>(
  cursors: Cursors,
  scope: CursorScope,
  request: PageRequest,
  key: (row: R) => KeyValues,
  fetch: (after: KeyValues | null, count: number) => Promise<R[]>,
): Promise<{ items: R[]; next: string | null }> {
  const after = request.cursor === undefined ? null : cursors.read(scope, request.cursor);
  const rows = await fetch(after, request.limit + 1);
  const items = rows.slice(0, request.limit);
  const last = items.at(-1);
  return { items, next: rows.length > request.limit && last !== undefined ? cursors.write(scope, key(last)) : null };
}

/** Maximum rows of an answer; an export to a file has no such limit (export/). */
export const maxExportRows = 100_000;

type Fields = Record<string, unknown>;
type Page = (input: Fields) => Promise<unknown>;

/**
 * Hands over all pages of a list, in one snapshot: follows `next` until the last page, or until `take` says false. A list
 * without pages is one. Answers what the last page has besides its rows.
 */
export async function eachPage(
  rows: string,
  input: Fields,
  answer: Page,
  take: (page: readonly unknown[]) => Promise<boolean> | boolean,
): Promise<unknown> {
  let cursor: string | undefined;
  for (;;) {
    const page = await answer('limit' in input ? { ...input, limit: pageLimit.max, cursor } : input);
    if (isRejection(page)) return page;
    const fields = page as Fields;
    const goesOn = await take(fields[rows] as unknown[]);
    const next = fields['next'];
    if (!goesOn || typeof next !== 'string') return { ...fields, [rows]: [] };
    cursor = next;
  }
}

/** The whole list as one page. */
export async function everyPage(rows: string, input: Fields, answer: Page): Promise<unknown> {
  const all: unknown[] = [];
  const last = await eachPage(rows, input, answer, (page) => {
    for (const row of page) all.push(row);
    return all.length <= maxExportRows;
  });
  if (isRejection(last)) return last;
  if (all.length <= maxExportRows) return { ...(last as Fields), [rows]: all };
  return reject('platform.too-many-rows', `The list has more than ${maxExportRows} rows. Narrow it with a filter.`, {
    status: 422,
    details: { most: maxExportRows },
  });
}
