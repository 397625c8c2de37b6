import { isRejection, type Rejection } from '@daybook/kernel';
import type { Access } from '../dispatch/access.js';
import { allRowsOf } from '../dispatch/rights.js';
import type { Hint, HintListener, LiveHub } from './hub.js';

export const heartbeatMs = 15_000;
const beatAfterHintMs = 300;
/** Shortest time between two checks of the rights of a reader; hints in between are sent together. */
const restMs = 100;
/** A reader with more unread bytes is disconnected; it reconnects and resumes. */
const maxPendingBytes = 1_000_000;
/** So is one with more waiting hints, because its rights cannot be determined. */
const maxWaiting = 2_000;

/** Where server-sent events are written to. */
export interface EventSink {
  write(text: string): void;
  /** Bytes that the reader has not read yet. */
  pending(): number;
  end(): void;
}

export interface LiveOptions {
  readonly hub: LiveHub;
  /** The access when the connection was opened, with its owner and expiry. */
  readonly access: Access;
  /** The current access of the same token; a rejection when it is invalid or cannot be checked. */
  readonly accessNow: () => Promise<Access | Rejection>;
  /** Permission that reading a channel's rows needs; undefined for a channel nobody may list. */
  readonly permissionOf: (channel: string) => string | null | undefined;
  /** Permission to see all rows of a channel; null where anyone who may list them sees all. */
  readonly allRowsOf?: (channel: string) => string | null;
  /** A channel of what is kept about records of any type: who hears it need not see these. */
  readonly namesNothing?: (channel: string) => boolean;
  /** Position and trail number of the read models, for the heartbeat. */
  readonly stamp: () => Promise<{ position: string; trail: string }>;
  readonly lastEventId: string | null;
  readonly sink: EventSink;
  readonly heartbeatMs?: number;
}
type Waiting = Hint | 'reset' | 'beat';

const message = (event: string, data: unknown, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/**
 * Live updates of one reader: hints for what they may list in their tenant, and a heartbeat with the position, until the token
 * expires. Rights are checked again before anything is sent, as for a request: when a key is revoked, a session ended or a
 * member deactivated, the next change or heartbeat ends the connection and is not sent. Returns a function that stops it.
 */
export function streamHints(options: LiveOptions): () => void {
  const { access, sink, hub } = options;
  let stopped = false;
  let unsubscribe = (): void => undefined;
  let waiting: Waiting[] = [];
  let sending = false;
  const timers = new Set<NodeJS.Timeout>();
  const after = (ms: number, work: () => void): NodeJS.Timeout => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timers.add(timer);
    return timer;
  };
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    for (const timer of timers) clearTimeout(timer);
    clearInterval(heartbeat);
    unsubscribe();
    sink.end();
  };
  const write = (text: string): void => {
    if (stopped) return;
    sink.write(text);
    if (sink.pending() > maxPendingBytes) stop();
  };

  const enqueue = (what: Waiting): void => {
    waiting.push(what);
    if (waiting.length > maxWaiting) return stop();
    if (sending || stopped) return;
    sending = true;
    // On the next turn of the event loop, so that replayed hints are sent together.
    after(0, () => void flush());
  };
  /** Sends what is waiting after checking the rights; what arrives meanwhile gets a check of its own. */
  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    // The id of a heartbeat is the last position published to this stream; the read models may be ahead of it.
    const carried = hub.reached?.toString();
    // Reads can fail for a moment (a parked projection, a restart) while the connection is fine.
    const stamp = batch.includes('beat') ? await options.stamp().catch(() => null) : null;
    const now = await options.accessNow().catch(() => null);
    if (stopped) return;
    if (now === null || isRejection(now)) return stop();
    const hinted = sendHints(batch, now);
    if (batch.includes('beat')) write(stamp === null ? ': alive\n\n' : beatOf(stamp, carried));
    if (hinted) beatSoon();
    if (stopped) return;
    after(restMs, () => {
      if (waiting.length > 0) return void flush();
      sending = false;
    });
  };
  const sendHints = (batch: readonly Waiting[], now: Access): boolean => {
    let hinted = false;
    for (const one of batch) {
      if (one === 'reset') write(message('reset', {}));
      if (typeof one === 'string') continue;
      const { channel, ids, position } = one;
      const permission = options.permissionOf(channel);
      if (permission === undefined) continue;
      const granting = now.grants.filter(({ permissions }) => permission === null || permissions.has(permission));
      if (permission !== null && granting.length === 0) continue;
      // A reader with the permission in single companies, for single parties, or for rows that name them, learns that something
      // changed but not which records. Grants for the whole tenant without this permission do not count.
      const all = options.allRowsOf?.(channel) ?? null;
      const limited =
        granting.every(({ companyId, party }) => companyId !== null || party !== null) ||
        (all !== null && !allRowsOf(now.grants).includes(all)) ||
        options.namesNothing?.(channel) === true;
      write(message('hint', { channel, ids: limited ? [] : ids, position }, position));
      hinted = true;
    }
    return hinted;
  };
  let soon = false;
  /** Sends one heartbeat with the new position soon after changes, however many hints there were. */
  const beatSoon = (): void => {
    if (soon || stopped) return;
    soon = true;
    after(beatAfterHintMs, () => {
      soon = false;
      enqueue('beat');
    });
  };
  const listener: HintListener = {
    hint: (hint) => {
      if (hint.tenant === access.tenant) enqueue(hint);
    },
    reset: () => enqueue('reset'),
  };

  const heartbeat = setInterval(() => enqueue('beat'), options.heartbeatMs ?? heartbeatMs);
  write('retry: 2000\n\n');
  const lastSeen = /^\d{1,19}$/.test(options.lastEventId ?? '') ? BigInt(options.lastEventId!) : null;
  if (options.lastEventId !== null && lastSeen === null) listener.reset();
  unsubscribe = hub.subscribe(listener, lastSeen);
  if (stopped) unsubscribe();
  else {
    enqueue('beat');
    const leftMs = Date.parse(access.expiresAt) - Date.now();
    after(Math.max(0, Math.min(leftMs, 2 ** 31 - 1)), stop);
  }
  return stop;
}

const beatOf = ({ position, trail }: { position: string; trail: string }, carried: string | undefined): string =>
  message('position', { position, trail }, carried);
