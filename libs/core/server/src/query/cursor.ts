import { reject, RejectionError } from '@daybook/kernel';
import type { PageRequest } from '../context.js';
import { canonicalJson, deriveKey, hmac, sameBytes } from '../crypto.js';

/** What a cursor is bound to. */
export interface CursorScope {
  readonly tenant: string;
  readonly operation: string;
  readonly filters: unknown;
  readonly knownAt: string | null;
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
