import type { Access } from '../dispatch/access.js';
import { permissionsIn } from '../dispatch/rights.js';
import type { Hint, HintListener, LiveHub } from './hub.js';

export const heartbeatMs = 15_000;
const beatAfterHintMs = 300;
/** A reader who takes nothing for so much is cut off; he comes back and resumes. */
const mostPendingBytes = 1_000_000;

/** Where server-sent events are written to. */
export interface EventSink {
  write(text: string): void;
  /** Bytes not yet taken by the reader. */
  pending(): number;
  end(): void;
}

export interface LiveOptions {
  readonly hub: LiveHub;
  readonly access: Access;
  /** Permission that reading a view's rows needs; undefined for a view nobody may list. */
  readonly permissionOf: (view: string) => string | null | undefined;
  /** What the tenant's reads stand at, for the heartbeat. */
  readonly stamp: () => Promise<{ position: string; trail: string }>;
  readonly lastEventId: string | null;
  readonly sink: EventSink;
  readonly heartbeatMs?: number;
}

const message = (event: string, data: unknown, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/**
 * One reader's live updates: hints of his tenant for views he may list, a heartbeat with the position, an end when his
 * token ends (DECISIONS 15). Answers how to stop it.
 */
export function streamHints(options: LiveOptions): () => void {
  const { access, sink, hub } = options;
  let stopped = false;
  const timers: NodeJS.Timeout[] = [];
  let unsubscribe = (): void => undefined;
  let soon: NodeJS.Timeout | null = null;
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    for (const timer of timers) clearTimeout(timer);
    if (soon !== null) clearTimeout(soon);
    unsubscribe();
    sink.end();
  };
  const write = (text: string): void => {
    if (stopped) return;
    sink.write(text);
    if (sink.pending() > mostPendingBytes) stop();
  };
  /** After changes the reader learns soon where the reads stand now, however many hints came at once. */
  const beatSoon = (): void => {
    soon ??= setTimeout(() => {
      soon = null;
      if (!stopped) void beat();
    }, beatAfterHintMs);
  };
  const mayRead = (view: string): boolean => {
    const permission = options.permissionOf(view);
    return permission === null || (permission !== undefined && permissions.has(permission));
  };
  const permissions = permissionsIn(access);
  /** Whoever may see single companies or parties learns that something changed, not which records. */
  const limited = access.grants.every(({ companyId, party }) => companyId !== null || party !== null);
  const listener: HintListener = {
    hint: ({ tenant, view, ids, position }: Hint) => {
      if (tenant === access.tenant && mayRead(view)) {
        write(message('hint', { view, ids: limited ? [] : ids, position }, position));
        beatSoon();
      }
    },
    reset: () => write(message('reset', {})),
  };
  const beat = async (): Promise<void> => {
    try {
      const { position, trail } = await options.stamp();
      // The id says what this stream has carried, which is not what reads may already show.
      write(message('position', { position, trail }, hub.reached?.toString()));
    } catch {
      // Reads are refused for a moment (a parked projection, a restart); the connection itself still lives.
      write(': alive\n\n');
    }
  };

  write('retry: 2000\n\n');
  const lastSeen = /^\d{1,19}$/.test(options.lastEventId ?? '') ? BigInt(options.lastEventId!) : null;
  if (options.lastEventId !== null && lastSeen === null) listener.reset();
  unsubscribe = hub.subscribe(listener, lastSeen);
  if (stopped) unsubscribe();
  else {
    void beat();
    timers.push(setInterval(() => void beat(), options.heartbeatMs ?? heartbeatMs));
    const leftMs = Date.parse(access.expiresAt) - Date.now();
    timers.push(setTimeout(stop, Math.max(0, Math.min(leftMs, 2 ** 31 - 1))));
  }
  return stop;
}
