import { isRejection, type Rejection } from '@daybook/kernel';
import type { Access } from '../dispatch/access.js';
import type { Hint, HintListener, LiveHub } from './hub.js';

export const heartbeatMs = 15_000;
const beatAfterHintMs = 300;
/** Rights are asked at most so often for one reader; what comes in between is told together. */
const restMs = 100;
/** A reader who takes nothing for so much is cut off; he comes back and resumes. */
const mostPendingBytes = 1_000_000;
/** And so is one whose rights nobody can say for so long that this many hints wait for it. */
const mostWaiting = 2_000;

/** Where server-sent events are written to. */
export interface EventSink {
  write(text: string): void;
  /** Bytes not yet taken by the reader. */
  pending(): number;
  end(): void;
}

export interface LiveOptions {
  readonly hub: LiveHub;
  /** As it was when the connection was opened: whose it is, and when it ends. */
  readonly access: Access;
  /** What the same bearer may do now; a rejection when it is good no longer, or when nobody can say. */
  readonly accessNow: () => Promise<Access | Rejection>;
  /** Permission that reading a channel's rows needs; undefined for a channel nobody may list. */
  readonly permissionOf: (channel: string) => string | null | undefined;
  /** What the tenant's reads stand at, for the heartbeat. */
  readonly stamp: () => Promise<{ position: string; trail: string }>;
  readonly lastEventId: string | null;
  readonly sink: EventSink;
  readonly heartbeatMs?: number;
}
type Waiting = Hint | 'reset' | 'beat';

const message = (event: string, data: unknown, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/**
 * One reader's live updates: hints of his tenant for channels he may list, a heartbeat with the position, an end when his
 * token ends. Before anything is told his rights are asked anew, as for a request: a revoked key, an ended
 * session or a deactivated member ends the connection at the next change or heartbeat, and nothing is told before.
 * Answers how to stop it.
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
    if (sink.pending() > mostPendingBytes) stop();
  };

  const say = (what: Waiting): void => {
    waiting.push(what);
    if (waiting.length > mostWaiting) return stop();
    if (sending || stopped) return;
    sending = true;
    // On the next turn: what is replayed together is told together.
    after(0, () => void flush());
  };
  /** Tells all that waits, once it is known what may be told now; what comes meanwhile is asked for anew. */
  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    // The id of a heartbeat says what this stream has carried, which is not what reads may already show.
    const carried = hub.reached?.toString();
    // Reads are refused for a moment (a parked projection, a restart): the connection itself still lives.
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
      // Whoever may see it in single companies or of single parties learns that something changed, not which records: what
      // else he holds in the whole tenant, his own account at least, says nothing of this.
      const limited = granting.every(({ companyId, party }) => companyId !== null || party !== null);
      write(message('hint', { channel, ids: limited ? [] : ids, position }, position));
      hinted = true;
    }
    return hinted;
  };
  let soon = false;
  /** After changes the reader learns soon where the reads stand now, however many hints came at once. */
  const beatSoon = (): void => {
    if (soon || stopped) return;
    soon = true;
    after(beatAfterHintMs, () => {
      soon = false;
      say('beat');
    });
  };
  const listener: HintListener = {
    hint: (hint) => {
      if (hint.tenant === access.tenant) say(hint);
    },
    reset: () => say('reset'),
  };

  const heartbeat = setInterval(() => say('beat'), options.heartbeatMs ?? heartbeatMs);
  write('retry: 2000\n\n');
  const lastSeen = /^\d{1,19}$/.test(options.lastEventId ?? '') ? BigInt(options.lastEventId!) : null;
  if (options.lastEventId !== null && lastSeen === null) listener.reset();
  unsubscribe = hub.subscribe(listener, lastSeen);
  if (stopped) unsubscribe();
  else {
    say('beat');
    const leftMs = Date.parse(access.expiresAt) - Date.now();
    after(Math.max(0, Math.min(leftMs, 2 ** 31 - 1)), stop);
  }
  return stop;
}

const beatOf = ({ position, trail }: { position: string; trail: string }, carried: string | undefined): string =>
  message('position', { position, trail }, carried);
