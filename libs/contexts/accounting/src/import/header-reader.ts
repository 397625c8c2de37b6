import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { reject, RejectionError } from '@daybook/kernel';
import { startThread } from '@daybook/server/worker-thread';
import { headerWithin } from '../saft/parser.js';

export interface HeaderRequest {
  readonly content: Uint8Array;
}
/** What starting an import needs of a header; null if the file has no readable one. */
export interface HeaderResponse {
  readonly header: { readonly registrationNumber: string | null } | null;
}

/** Where a header usually ends, and how far it is searched for, as the job that reads the file does. */
const firstBytes = 64_000;
const mostBytes = 2 * headerWithin;
/** Headers that may wait in one process. */
export const mostWaiting = 100;
/** Headers of one tenant that may wait. */
export const mostOfTenant = 50;
/** How long one header may take. */
const timeoutMs = 10_000;
const mostMegabytes = 128;

const busy = (): RejectionError =>
  new RejectionError(
    reject('accounting.import-busy', 'Too many files are waiting to be read. Try again in a moment.', {
      status: 503,
      details: { retryAfterSeconds: 5 },
    }),
  );

export const startHeaderWorker = (): Worker =>
  startThread('saft-header', new URL('./header.worker.js', import.meta.url), mostMegabytes);

type Header = HeaderResponse['header'];
type Open = () => Promise<AsyncIterable<Uint8Array> | null>;

/**
 * Reads headers of SAF-T files in a worker thread, because the process that answers requests must not parse XML itself. One
 * header at a time, round-robin among tenants. The worker starts with the first and is replaced when one takes too long.
 */
export class HeaderReader {
  private thread: Worker | null = null;
  /** Waiting headers by tenant; the tenant whose turn is next comes first. */
  private readonly queues = new Map<string, (() => Promise<void>)[]>();
  private waiting = 0;
  private isWorking = false;

  constructor(private readonly start: () => Worker = startHeaderWorker) {}

  /** `open` opens the file at its beginning; it is called once or twice, when its turn has come. */
  async read(tenant: string, open: Open): Promise<Header> {
    const own = this.queues.get(tenant) ?? [];
    // A tenant with nothing waiting is never refused because of others.
    if (own.length >= mostOfTenant || (this.waiting >= mostWaiting && own.length > 0)) throw busy();
    this.waiting += 1;
    const { promise, resolve, reject: fail } = Promise.withResolvers<Header>();
    own.push(() => this.look(open).then(resolve, fail));
    this.queues.set(tenant, own);
    void this.work();
    return promise.finally(() => (this.waiting -= 1));
  }

  private async work(): Promise<void> {
    if (this.isWorking) return;
    this.isWorking = true;
    for (let turn = this.next(); turn; turn = this.next()) await turn();
    this.isWorking = false;
  }

  private next(): (() => Promise<void>) | null {
    const [first] = this.queues;
    if (!first) return null;
    const [tenant, own] = first;
    const turn = own.shift() ?? null;
    this.queues.delete(tenant);
    if (own.length > 0) this.queues.set(tenant, own);
    return turn;
  }

  private async look(open: Open): Promise<Header> {
    for (const most of [firstBytes, mostBytes]) {
      const content = await beginning(await open(), most);
      const { header } = await this.ask(content);
      if (header !== null || content.length < most) return header;
    }
    return null;
  }

  private async ask(content: Uint8Array): Promise<HeaderResponse> {
    const thread = (this.thread ??= this.start());
    const over = new AbortController();
    thread.ref();
    try {
      const answered = once(thread, 'message', { signal: over.signal }) as Promise<[HeaderResponse]>;
      const ended = once(thread, 'exit', { signal: over.signal }).then(() => {
        throw busy();
      });
      const late = new Promise<never>((_, fail) => {
        const timer = setTimeout(() => fail(busy()), timeoutMs);
        over.signal.addEventListener('abort', () => clearTimeout(timer));
      });
      thread.postMessage({ content } satisfies HeaderRequest);
      const [answer] = await Promise.race([answered, ended, late]);
      return answer;
    } catch {
      // Out of memory or out of time: the next file gets a new worker.
      this.thread = null;
      await thread.terminate();
      throw busy();
    } finally {
      over.abort();
      thread.unref();
    }
  }
}

async function beginning(content: AsyncIterable<Uint8Array> | null, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of content ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= most) break;
  }
  return Buffer.concat(chunks).subarray(0, most);
}

/** The reader of this process. */
export const headers = new HeaderReader();
