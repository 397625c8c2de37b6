import { write as writeFile } from 'node:fs';
import type { DestinationStream } from 'pino';

/** Bytes buffered while nothing can be written; further lines are dropped and counted. */
const maxBufferedBytes = 1_000_000;
/** Pause before a failed write is retried. */
export const retryMs = 1_000;

/**
 * Destination of the log. Writing never throws and never blocks: a full disk or a pipe that nobody reads must not stop the
 * program. Pino's own destination would: its error ends the process, and its final flush retries a full disk for ever.
 */
export class LogOutput implements DestinationStream {
  /** Called once everything buffered is written: why it could not be, and how many lines were dropped. */
  onRecovered: (why: string, leftOut: number) => void = () => undefined;
  private lines: Buffer[] = [];
  private bytes = 0;
  private leftOut = 0;
  private failed: string | null = null;
  private writing = false;
  private ended = false;
  private inFlight = false;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly fd: number) {}

  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.bytes + bytes.length > maxBufferedBytes) {
      this.leftOut++;
      return;
    }
    this.bytes += bytes.length;
    this.lines.push(bytes);
    // A failed write is retried by its timer, not by each line.
    if (!this.writing) this.next();
  }

  /** Why the last write failed; null once everything is written. */
  get failure(): string | null {
    return this.failed;
  }

  /** Resolves when all lines are written, or after `ms`. */
  settled(ms: number): Promise<void> {
    if (this.bytes === 0) return Promise.resolve();
    return new Promise((done) => {
      const end = (): void => {
        clearTimeout(timer);
        this.waiting.delete(end);
        done();
      };
      const timer = setTimeout(end, ms);
      this.waiting.add(end);
    });
  }

  /**
   * Stops writing and resolves when no write is in flight. Call it before closing the file, whose descriptor may belong to a
   * socket a moment later.
   */
  async end(): Promise<void> {
    this.ended = true;
    while (this.inFlight) await new Promise((resume) => setImmediate(resume));
  }

  private next(): void {
    if (this.ended) return;
    this.inFlight = true;
    const chunk = Buffer.concat(this.lines);
    this.lines = [];
    this.writing = true;
    writeFile(this.fd, chunk, (error, written) => {
      this.inFlight = false;
      if (error) {
        this.failed = error.code ?? error.message;
        this.lines.unshift(chunk);
        setTimeout(() => this.next(), retryMs).unref();
        return;
      }
      this.bytes -= written;
      if (written < chunk.length) this.lines.unshift(chunk.subarray(written));
      if (this.lines.length > 0) return this.next();
      this.writing = false;
      this.allWritten();
    });
  }

  private allWritten(): void {
    for (const done of this.waiting) done();
    if (this.failed === null && this.leftOut === 0) return;
    const [why, leftOut] = [this.failed ?? 'slow', this.leftOut];
    this.failed = null;
    this.leftOut = 0;
    this.onRecovered(why, leftOut);
  }
}
