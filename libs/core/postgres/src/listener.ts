import type { Client } from 'pg';
import { Backoff, pause } from './backoff.js';
import { listenerPingMs, type TimeLimits, timeLimits } from './limits.js';
import { connectTo } from './connection.js';

/** Callbacks of a subscriber to a channel. */
export interface Subscriber {
  /** A notification arrived; it may be delivered twice. */
  heard(payload: string): void;
  /** Listening began, for the first time or again; earlier notifications may have been missed. */
  restored?(): void;
  /** No notifications arrive until `restored`. */
  lost?(): void;
}

export interface ListenerOptions {
  readonly url: string;
  readonly application: string;
  /** Called on each failure; it is retried. */
  readonly onInterrupted?: (error: unknown) => void;
  /** The pauses between two attempts, and between two checks of an idle connection. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly lookMs?: number;
  /** The longest wait for the answer to such a check. */
  readonly answerMs?: number;
}

/** A session that sends almost nothing; a dead one must be noticed soon. */
const listening: TimeLimits = { ...timeLimits.rights, transactionMs: null };
const firstPauseMs = 100;
const longestPauseMs = 10_000;
/** After a connection that passed so many checks is lost, the pauses begin with the shortest again. */
const goodAfterLooks = 1;

/**
 * One session that listens to all channels of a program. It has one connection at a time; after a loss it reconnects with
 * exponential backoff and jitter (`Backoff`).
 */
export class Listener {
  readonly #stop = new AbortController();
  readonly #channels = new Map<string, Set<Subscriber>>();
  /** Subscribers that were notified that listening began. */
  readonly #notified = new Set<Subscriber>();
  readonly #pause: NonNullable<ListenerOptions['pause']>;
  #client: Client | null = null;
  /** Queries of the session run one after another. */
  #asked: Promise<unknown> = Promise.resolve();
  #running: Promise<void> | null = null;

  constructor(private readonly options: ListenerOptions) {
    this.#pause = options.pause ?? pause;
  }

  /** Subscribes to a channel; the returned function unsubscribes. The first subscription opens the connection. */
  on(channel: string, hearer: Subscriber): () => void {
    if (!/^[a-z_0-9]{1,63}$/.test(channel)) throw new Error('A channel is named by small letters, digits and _.');
    const hearers = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, hearers.add(hearer));
    this.#running ??= this.#run();
    // A connection that is being opened will listen to all channels that exist by then.
    const client = this.#client;
    if (client) void this.#listen(client, channel).catch(() => undefined);
    return () => {
      hearers.delete(hearer);
      this.#notified.delete(hearer);
    };
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const backoff = new Backoff(firstPauseMs, longestPauseMs, (ms) => this.#pause(ms, signal));
    while (!signal.aborted) {
      try {
        await this.#listenUntilLost(() => backoff.reset());
      } catch (error) {
        if (!signal.aborted) this.options.onInterrupted?.(error);
      }
      if (!signal.aborted) await backoff.wait();
    }
  }

  async #listenUntilLost(isGood: () => void): Promise<void> {
    const client = await this.#connect();
    if (!client) return;
    const over = new AbortController();
    const end = (): void => over.abort();
    client.once('end', end).once('error', end);
    this.#stop.signal.addEventListener('abort', end, { once: true });
    client.on('notification', ({ channel, payload }) => {
      for (const hearer of this.#channels.get(channel) ?? []) hearer.heard(payload ?? '');
    });
    try {
      this.#client = client;
      // One that is added meanwhile is handled by `on`.
      for (const channel of [...this.#channels.keys()]) await this.#listen(client, channel);
      for (let looks = 0; !over.signal.aborted; looks++) {
        if (looks === goodAfterLooks) isGood();
        await this.#pause(this.options.lookMs ?? listenerPingMs, over.signal);
        if (!over.signal.aborted) await this.#ask(client, 'select 1');
      }
      if (!this.#stop.signal.aborted) throw new Error('The listening connection was lost.');
    } finally {
      this.#stop.signal.removeEventListener('abort', end);
      this.#client = null;
      this.#notified.clear();
      for (const hearers of this.#channels.values()) for (const hearer of hearers) hearer.lost?.();
      await client.end().catch(() => undefined);
    }
  }

  /** null when closed before; a connection that is still being opened is then closed once it is open. */
  async #connect(): Promise<Client | null> {
    const { url, application, answerMs = listening.answerMs } = this.options;
    const { signal } = this.#stop;
    const connecting = connectTo(url, { application, timeLimits: { ...listening, answerMs } });
    const { promise: closed, resolve } = Promise.withResolvers<null>();
    const close = (): void => resolve(null);
    signal.addEventListener('abort', close, { once: true });
    try {
      const client = await Promise.race([connecting, closed]);
      if (!client) connecting.then((late) => void late.end(), () => undefined); // prettier-ignore
      return client;
    } finally {
      signal.removeEventListener('abort', close);
    }
  }

  async #listen(client: Client, channel: string): Promise<void> {
    await this.#ask(client, `listen ${channel}`);
    if (this.#client !== client) return;
    for (const hearer of this.#channels.get(channel) ?? []) {
      if (this.#notified.has(hearer)) continue;
      this.#notified.add(hearer);
      hearer.restored?.();
    }
  }

  #ask(client: Client, sql: string): Promise<unknown> {
    const answer = this.#asked.then(() => client.query(sql));
    this.#asked = answer.catch(() => undefined);
    return answer;
  }
}
