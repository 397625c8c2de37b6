import type { EventCatalogue, EventStore, StoredEvent } from '@daybook/event-store';
import { type CommandResult, reject, type Rejection } from '@daybook/kernel';

/** The answer to a command as recorded in its events, and the input that it was given. */
export interface RecordedAnswer {
  readonly inputHmac: string;
  readonly result: CommandResult;
  readonly recordedAt: string;
  /** Names of the holds that it uses. */
  readonly holds: readonly string[];
}

/** Finds the answers of commands in the events that they wrote. */
export class RecordedAnswers {
  constructor(
    private readonly store: Pick<EventStore, 'readStream'>,
    private readonly catalogue: Pick<EventCatalogue, 'fromStore'>,
  ) {}

  /** The answer to that command, if one of these events was written by it. */
  async among(stream: string, revisions: readonly number[], commandId: string): Promise<RecordedAnswer | null> {
    for (const revision of revisions) {
      const written = await this.at(stream, revision, commandId);
      if (written) return written;
    }
    return null;
  }

  async at(stream: string, revision: number, commandId: string): Promise<RecordedAnswer | null> {
    const found = await this.eventAt(stream, revision);
    if (found?.meta.commandId !== commandId) return null;
    // The answer is in the last event of a command.
    const { index, count } = found.meta;
    const last = index === count - 1 ? found : await this.eventAt(stream, revision - index + count - 1);
    if (last?.meta.commandId !== commandId) return null;
    const { id, version } = last.meta.answer ?? last.meta.record;
    const { inputHmac } = (await this.catalogue.fromStore(last)).meta;
    const result = { id, version, position: String(last.position) };
    return { inputHmac, result, recordedAt: last.recordedAt, holds: found.meta.holds ?? [] };
  }

  private async eventAt(stream: string, revision: number): Promise<StoredEvent | null> {
    for await (const stored of this.store.readStream(stream, { from: revision, limit: 1 })) return stored;
    return null;
  }
}

export const repeatedAnswer = (written: RecordedAnswer, inputHmac: string): CommandResult | Rejection =>
  written.inputHmac === inputHmac
    ? written.result
    : reject(
        'platform.idempotency-key-reused',
        'This Idempotency-Key was used before with another input. Use a new key for a new command.',
        { status: 422 },
      );
