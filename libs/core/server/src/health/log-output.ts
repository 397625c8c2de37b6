import { write as writeFile } from 'node:fs';
import type { DestinationStream } from 'pino';

/** Lines are kept for so many bytes while they cannot be written; more are counted and left out. */
const keptBytes = 1_000_000;
/** How often a write that failed is tried again. */
export const retryMs = 1_000;

/**
 * Where lines of the log go. Writing never throws and never waits: a full disk, a reader that went away or one that reads
 * nothing must not stop the program. Pino's own destination does that: its error ends the process, and its flush at the
 * end tries a full disk again for ever.
 */
export class LogOutput implements DestinationStream {
  /** Told once everything kept is written again: why it was not, and how many lines were left out. */
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
    if (this.bytes + bytes.length > keptBytes) {
      this.leftOut++;
      return;
    }
    this.bytes += bytes.length;
    this.lines.push(bytes);
    // A write that failed is tried again by its timer, not by each line.
    if (!this.writing) this.next();
  }

  /** Resolves when all lines are written, after `ms` at the latest. */
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
   * Writes nothing more, and resolves when nothing is being written: before the file is closed, whose number may be a
   * socket's the moment after.
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
