import { setTimeout as sleep } from 'node:timers/promises';
import { type EventCatalogue, type EventStore, type GroupOutcome, isNew } from '@daybook/event-store';
import { reject, type Rejection } from '@daybook/kernel';
import type { DecideBinding } from '../context.js';
import {
  type Answer,
  answerOf,
  GroupDecision,
  type StreamCommand,
  tooLarge,
  type WaitingCommand,
} from './group-decision.js';
import { GroupedQueue } from './grouped-queue.js';
import { RecordedAnswers, repeatedAnswer } from './recorded-answers.js';
import { StreamCache, StreamState } from './stream-state.js';
import { rejectUnknownEvents } from './unknown-event.js';

export interface StreamWriterOptions {
  readonly store: EventStore;
  readonly catalogue: EventCatalogue;
  /** Streams whose state is cached. */
  readonly capacity?: number;
  /** How often a command may lose a race. */
  readonly attempts?: number;
  /** Counts how often the log was replaced: the cache is cleared when it changes. */
  readonly epoch?: () => number;
  /** Duration of an append in seconds, for the metrics. */
  readonly onAppend?: (seconds: number) => void;
}

/**
 * Appends what commands decide (docs/adr/0059). Those that meet on one stream are decided one after the other in memory and
 * appended as one group, on what is known of the stream: nothing is read before. The expected revision of the append catches
 * what another process wrote; only then the stream is read, and what lost the race is decided again.
 *
 * An answer without events (a rejection, nothing to change, a rehearsal) counts only once what it was decided on is known to be
 * the present state: by an append of the same group that succeeded, or by reading on.
 */
export class StreamWriter {
  private readonly queue = new GroupedQueue<StreamCommand, Answer>((key, group) => this.take(key, group));
  private readonly cache: StreamCache;
  private readonly answers: RecordedAnswers;
  private readonly deciders = new Map<DecideBinding['decider'], number>();
  private readonly readers = new WeakSet<WaitingCommand>();
  /** How often a command has lost a race. */
  private readonly lost = new WeakMap<WaitingCommand, number>();
  /** States that were read after a lost race, for the group that follows at once. */
  private readonly justRead = new WeakSet<StreamState>();
  private epoch = 0;

  constructor(private readonly options: StreamWriterOptions) {
    this.cache = new StreamCache(options.capacity ?? 500);
    this.answers = new RecordedAnswers(options.store, options.catalogue);
  }

  run(command: StreamCommand): Promise<Answer> {
    return this.queue.run(this.keyOf(command), command);
  }

  /** Bindings of one decider share state, so a stream is read once for all its commands. */
  private keyOf({ binding: { decider }, stream }: StreamCommand): string {
    let id = this.deciders.get(decider);
    if (id === undefined) this.deciders.set(decider, (id = this.deciders.size));
    return `${id} ${stream}`;
  }

  /** Settles a group; answers the commands that must be taken again. */
  private async take(key: string, group: readonly WaitingCommand[]): Promise<WaitingCommand[]> {
    const { binding, stream, beginsStream } = group[0]!.work;
    const known = this.known(key);
    const state = known ?? new StreamState(binding);
    let isPresent = this.justRead.delete(state);
    if (!known && !beginsStream) {
      await this.readOn(key, stream, state);
      isPresent = true;
    }
    for (let open = group; ;) {
      const decision = await new GroupDecision(state, this.answers, this.readers).decideAll(open);
      if (decision.parts.length > 0) return this.append(key, state, decision, isPresent);
      // No append will prove these answers.
      if (decision.held.length > 0 && !isPresent) {
        isPresent = true;
        open = [...decision.held.map(({ command }) => command), ...decision.later];
        if (await this.readOn(key, stream, state)) continue;
      }
      for (const { command, decided } of decision.held) command.settle(answerOf(decided, state));
      return decision.later;
    }
  }

  private known(key: string): StreamState | undefined {
    const epoch = this.options.epoch?.() ?? 0;
    if (this.epoch !== epoch) this.cache.clear();
    this.epoch = epoch;
    return this.cache.get(key);
  }

  /** Reads what was appended since, and keeps the state; true when there was something. */
  private async readOn(key: string, stream: string, state: StreamState): Promise<boolean> {
    const { store, catalogue, epoch = () => 0 } = this.options;
    const before = epoch();
    // A failed read leaves the state of a prefix of the stream, which is consistent. A throwing fold may not.
    try {
      const hasMoved = await rejectUnknownEvents(() => state.readTail(stream, store, catalogue));
      if (epoch() === before) this.cache.set(key, state);
      return hasMoved;
    } catch (error) {
      this.cache.delete(key);
      throw error;
    }
  }

  private async append(
    key: string,
    state: StreamState,
    { parts, held, later }: GroupDecision,
    isPresent: boolean,
  ): Promise<WaitingCommand[]> {
    const { stream } = parts[0]!.command.work;
    const outcomes = await this.appended(key, stream, state, parts.map(({ decided }) => decided.stored)); // prettier-ignore
    const again: WaitingCommand[] = [];
    let written = 0;
    for (const [at, { command, decided, after }] of parts.entries()) {
      const outcome = outcomes[at]!;
      if (isNew(outcome)) {
        written += 1;
        state.commands.add(command.work.commandId, outcome.revision - decided.events.length + 1);
        state.advance(after, outcome.revision, outcome.position);
        command.settle({ id: decided.id, version: decided.version, position: String(outcome.position) });
      } else if (outcome.kind === 'conflict' || outcome.kind === 'skipped') again.push(command);
      else await this.settle(command, outcome);
    }
    if (written > 0) this.cache.set(key, state);
    const isProven = written > 0 || isPresent;
    for (const { command, decided, parts: before } of held) {
      if (isProven && before <= written) command.settle(answerOf(decided, state));
      else again.push(command);
    }
    const hasLost = outcomes.some(({ kind }) => kind === 'conflict');
    return [...(hasLost ? await this.afterRace(key, stream, state, again) : again), ...later];
  }

  private async appended(
    key: string,
    stream: string,
    state: StreamState,
    appends: Parameters<EventStore['appendGroup']>[2],
  ): Promise<GroupOutcome[]> {
    const started = performance.now();
    try {
      return await this.options.store.appendGroup(stream, state.revision < 0 ? 'none' : state.revision, appends);
    } catch (error) {
      // It may have been written, or not.
      this.cache.delete(key);
      throw error;
    } finally {
      this.options.onAppend?.((performance.now() - started) / 1000);
    }
  }

  /** A repeat that only the store knows (another process wrote it first), or what it refuses. */
  private async settle(
    { work: { stream, commandId, inputHmac }, settle, fail }: WaitingCommand,
    outcome: Exclude<GroupOutcome, { kind: 'conflict' | 'skipped' }>,
  ): Promise<void> {
    if (outcome.kind === 'failed') return fail(outcome.error);
    if (outcome.kind === 'too-large') return settle(tooLarge(outcome.bytes, outcome.limit));
    const { revision } = outcome;
    try {
      const written = await this.answers.at(stream, revision, commandId);
      if (!written) throw new Error(`${stream} reports ${commandId} at ${revision} but does not contain it`);
      settle(repeatedAnswer(written, inputHmac));
    } catch (error) {
      fail(error);
    }
  }

  /** Who has lost too often gives up; the others try again after a moment, on what was read until then. */
  private async afterRace(
    key: string,
    stream: string,
    state: StreamState,
    losers: readonly WaitingCommand[],
  ): Promise<WaitingCommand[]> {
    const { attempts = 20 } = this.options;
    for (const command of losers) this.lost.set(command, (this.lost.get(command) ?? 0) + 1);
    const again = losers.filter((command) => this.lost.get(command)! < attempts);
    for (const command of losers) if (!again.includes(command)) command.settle(busy);
    if (again.length === 0) return [];
    const longest = again.reduce((most, command) => Math.max(most, this.lost.get(command)!), 0);
    await sleep(Math.random() * Math.min(200, 4 * 2 ** longest));
    try {
      await this.readOn(key, stream, state);
      this.justRead.add(state);
      return again;
    } catch (error) {
      for (const { fail } of again) fail(error);
      return [];
    }
  }
}

const busy: Rejection = reject(
  'platform.busy',
  'Too many changes to this record at the same time. Nothing was written. Try again in a moment.',
  { status: 503, details: { retryAfterSeconds: 1 } },
);
