import { computed, DestroyRef, effect, inject, Injectable, signal, untracked } from '@angular/core';
import { Api } from './api';
import { Session } from './session';

export interface LiveHint {
  readonly channel: string;
  readonly ids: readonly string[];
  readonly position: string;
}
export type Connection = 'connecting' | 'live' | 'offline';

/** Reads a server-sent event stream from a fetch body: the token travels in a header, which EventSource cannot. */
export async function* serverEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<{ event: string; data: string }> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let waiting = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      waiting += decoder.decode(value, { stream: true });
      const blocks = waiting.split(/\r?\n\r?\n/);
      waiting = blocks.pop() ?? '';
      for (const block of blocks) {
        const lines = block.split(/\r?\n/);
        const field = (name: string): string[] =>
          lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trimStart());
        const data = field('data').join('\n');
        if (data !== '') yield { event: field('event')[0] ?? 'message', data };
      }
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/** Live hints from the projector, and how far the reads are. Connected as long as somebody is signed in. */
@Injectable({ providedIn: 'root' })
export class Live {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly listeners = new Set<(hint: LiveHint | null) => void>();
  readonly connection = signal<Connection>('connecting');
  /** The tenant's running number of the last event that the reads contain. */
  readonly trail = signal<string | null>(null);
  readonly offlineSince = signal<Date | null>(null);
  readonly online = computed(() => this.connection() !== 'offline');

  constructor() {
    const tenant = computed(() => this.session.current()?.tenant.id ?? null);
    effect((onCleanup) => {
      if (tenant() === null) return;
      const abort = new AbortController();
      untracked(() => void this.stay(abort.signal));
      onCleanup(() => abort.abort());
    });
  }

  /** Calls back on changes announced on a channel (`*`: on any); null means that hints were missed: read again. Needs an injection context. */
  on(channel: string, changed: (hint: LiveHint | null) => void): void {
    const listener = (hint: LiveHint | null): void => {
      if (hint === null || channel === '*' || hint.channel === channel) changed(hint);
    };
    this.listeners.add(listener);
    inject(DestroyRef).onDestroy(() => this.listeners.delete(listener));
  }

  /** Something was written here: what follows this channel reads again, without waiting for the hint. */
  again(channel: string): void {
    this.tell({ channel, ids: [], position: '' });
  }

  private async stay(abort: AbortSignal): Promise<void> {
    let wait = 1000;
    let missed = false;
    while (!abort.aborted) {
      try {
        const response = await this.api.fetch('/v1/live', { signal: abort }, 'text/event-stream');
        this.connection.set('live');
        this.offlineSince.set(null);
        if (missed) this.tell(null);
        missed = true;
        if (response.body !== null)
          for await (const { event, data } of serverEvents(response.body)) {
            wait = 1000;
            this.take(event, JSON.parse(data));
          }
      } catch {
        if (abort.aborted) return;
        this.connection.set('offline');
        this.offlineSince.update((since) => since ?? new Date());
      }
      await new Promise((resolve) => setTimeout(resolve, wait * (0.8 + Math.random() * 0.4)));
      wait = Math.min(wait * 2, 30_000);
    }
  }
  private take(event: string, data: LiveHint & { trail?: string | number | null }): void {
    if (event === 'reset') this.tell(null);
    if (event === 'hint') this.tell(data);
    if (event === 'position' && data.trail !== undefined && data.trail !== null) this.trail.set(String(data.trail));
  }
  private tell(hint: LiveHint | null): void {
    for (const listener of [...this.listeners]) listener(hint);
  }
}
