import type { Client } from 'pg';
import { Backoff, pause } from './backoff.js';
import { listenerPingMs, type TimeLimits, timeLimits } from './limits.js';
import { connectTo } from './connection.js';

/** Who hears a channel. */
export interface Subscriber {
  /** Something was said; what a listener of one process hears twice is the same thing. */
  heard(payload: string): void;
  /** Listening began, for the first time or again: what was said before is not known here. */
  restored?(): void;
  /** Nothing will be heard until `restored`. */
  lost?(): void;
}

export interface ListenerOptions {
  readonly url: string;
  readonly application: string;
  /** Told of each failure to listen; it is tried again. */
  readonly onInterrupted?: (error: unknown) => void;
  /** The waits between one try and the next, and between two looks at a connection that is silent. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly lookMs?: number;
  /** Longest wait for the answer to such a look. */
  readonly answerMs?: number;
}

/** For a session that asks next to nothing: it must be found out soon that it is dead. */
const listening: TimeLimits = { ...timeLimits.rights, transactionMs: null };
const firstPauseMs = 100;
const longestPauseMs = 10_000;
/** A connection that lived for so many looks was a good one: after it is lost, the first wait is the shortest again. */
const goodAfterLooks = 1;

/**
 * One session that hears all channels of a program, for ever. One connection at a time, and one try at a time: after a loss
 * it waits, longer each time up to `Backoff`'s bound and never at the same moment as others, and begins again.
 */
export class Listener {
  readonly #stop = new AbortController();
  readonly #channels = new Map<string, Set<Subscriber>>();
  /** Who has been notified that listening began. */
  readonly #notified = new Set<Subscriber>();
  readonly #pause: NonNullable<ListenerOptions['pause']>;
  #client: Client | null = null;
  /** The session is asked one thing after another. */
  #asked: Promise<unknown> = Promise.resolve();
  #running: Promise<void> | null = null;

  constructor(private readonly options: ListenerOptions) {
    this.#pause = options.pause ?? pause;
  }

  /** Hears the channel until the answered function is called. The first one opens the connection. */
  on(channel: string, hearer: Subscriber): () => void {
    if (!/^[a-z_0-9]{1,63}$/.test(channel)) throw new Error('A channel is named by small letters, digits and _.');
    const hearers = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, hearers.add(hearer));
    this.#running ??= this.#run();
    // While the connection is being made, it will listen to all there are by then.
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
      // One that is added meanwhile comes by `on`.
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

  /** null when it is closed first: a connection that is still being made then is ended when it is there. */
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
