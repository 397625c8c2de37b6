import { setTimeout as sleep } from 'node:timers/promises';
import {
  type EventCatalogue,
  type EventStore,
  type GroupOutcome,
  isNew,
  SnapshotGone,
  type Snapshots,
  StoreUnavailable,
} from '@daybook/event-store';
import { reject, type Rejection } from '@daybook/kernel';
import type { DecideBinding } from '../context.js';
import { BoundedMap } from '../state/bounded-map.js';
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
import { StreamSnapshots } from './stream-snapshots.js';
import { StreamState } from './stream-state.js';
import { rejectUnknownEvents } from './unknown-event.js';

const defaultCacheBytes = 128_000_000;

export interface StreamWriterOptions {
  readonly store: EventStore;
  readonly catalogue: EventCatalogue;
  /** Bytes of the states of streams that are cached, their commands included. */
  readonly cacheBytes?: number;
  readonly snapshots?: Snapshots;
  /** Events from one snapshot of a stream to the next. */
  readonly snapshotEvery?: number;
  /** Told why a snapshot could not be taken; commands go on without. */
  readonly onSnapshotFailed?: (error: unknown) => void;
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
  private readonly cache: BoundedMap<string, StreamState>;
  private readonly answers: RecordedAnswers;
  private readonly snapshots: StreamSnapshots | null;
  private readonly deciders = new Map<DecideBinding['decider'], number>();
  private readonly readers = new WeakSet<WaitingCommand>();
  /** How often a command has lost a race. */
  private readonly lost = new WeakMap<WaitingCommand, number>();
  /** States that were read after a lost race, for the group that follows at once. */
  private readonly justRead = new WeakSet<StreamState>();
  private epoch = 0;
  private forgotten = 0;

  constructor(private readonly options: StreamWriterOptions) {
    const { store, catalogue, snapshots, snapshotEvery: every = 1_000 } = options;
    this.cache = new BoundedMap(options.cacheBytes ?? defaultCacheBytes);
    this.answers = new RecordedAnswers(store, catalogue);
    this.snapshots = snapshots ? new StreamSnapshots({ snapshots, store, every }) : null;
  }

  run(command: StreamCommand): Promise<Answer> {
    return this.queue.run(this.keyOf(command), command);
  }

  /** The state that commands were decided on last; undefined where it is not in memory. */
  stateOf(of: Pick<StreamCommand, 'binding' | 'stream'>): unknown {
    return this.known(this.keyOf(of))?.state;
  }

  /** Bindings of one decider share state, so a stream is read once for all its commands. */
  private keyOf({ binding: { decider }, stream }: Pick<StreamCommand, 'binding' | 'stream'>): string {
    let id = this.deciders.get(decider);
    if (id === undefined) this.deciders.set(decider, (id = this.deciders.size));
    return `${id} ${stream}`;
  }

  /** Settles what it can of a group; the rest is taken again. */
  private async take(key: string, group: readonly WaitingCommand[]): Promise<void> {
    const { binding, stream, beginsStream } = group[0]!.work;
    const known = this.known(key);
    const begunIn = this.epochNow;
    const state =
      known ?? (beginsStream ? null : await this.snapshots?.load(binding, stream)) ?? new StreamState(binding);
    try {
      let isPresent = this.justRead.delete(state);
      if (!known && !beginsStream) {
        await this.readOn(key, stream, state);
        isPresent = true;
      }
      for (;;) {
        const decision = await this.decided(state, group);
        if (decision.parts.length > 0) return await this.append(key, stream, state, decision, isPresent);
        // No append will prove these answers: either they are of the present state, or they are decided again.
        if (decision.held.length === 0 || isPresent || !(await this.readOn(key, stream, state))) {
          for (const { command, decided } of decision.held) command.settle(answerOf(decided, state));
          return;
        }
        isPresent = true;
      }
    } catch (error) {
      // What was read of it is consistent, and a fold that failed, or a snapshot that is gone, leaves nothing to rely on.
      if (!(error instanceof StoreUnavailable)) this.cache.delete(key);
      if (!(error instanceof SnapshotGone)) throw error;
    } finally {
      if (this.epochNow !== begunIn) this.cache.delete(key);
    }
  }

  private decided(state: StreamState, group: readonly WaitingCommand[]): Promise<GroupDecision> {
    // A conflict may mean that a part of the events is there already, with others.
    const isLookedUp = (command: WaitingCommand) => !this.options.store.findsRepeats || this.lost.has(command);
    return new GroupDecision(state, this.answers, this.readers, isLookedUp).decideAll(group);
  }

  private known(key: string): StreamState | undefined {
    const epoch = this.epochNow;
    if (this.epoch !== epoch) this.cache.clear();
    this.epoch = epoch;
    return this.cache.get(key);
  }

  /** Drops all states, and what is being read on: personal data that was erased may be in them. */
  forget(): void {
    this.forgotten += 1;
    this.cache.clear();
  }

  private get epochNow(): number {
    return (this.options.epoch?.() ?? 0) + this.forgotten;
  }

  /** Reads what was appended since, and keeps the state; true when there was something. */
  private async readOn(key: string, stream: string, state: StreamState): Promise<boolean> {
    const before = this.epochNow;
    const hasMoved = await rejectUnknownEvents(() =>
      state.readTail(stream, this.options, () => this.keepSnapshot(key, stream, state)),
    );
    if (this.epochNow === before) this.cache.set(key, state, state.bytes);
    return hasMoved;
  }

  private async append(
    key: string,
    stream: string,
    state: StreamState,
    { parts, held }: GroupDecision,
    isPresent: boolean,
  ): Promise<void> {
    const outcomes = await this.appended(stream, state, parts.map(({ decided }) => decided.stored)); // prettier-ignore
    let written = 0;
    for (const [at, { command, decided, after }] of parts.entries()) {
      const outcome = outcomes[at]!;
      if (isNew(outcome)) {
        written += 1;
        const { revision, position } = outcome;
        state.commands.add(command.work.commandId, revision - decided.events.length + 1);
        state.advance(after, { id: decided.stored.at(-1)!.id, revision, position });
        command.work.onAppended(null);
        command.settle({ id: decided.id, version: decided.version, position: String(position) });
      } else await this.settle(command, outcome);
    }
    const isProven = written > 0 || isPresent;
    for (const { command, decided, parts: before } of held) {
      if (isProven && before <= written) command.settle(answerOf(decided, state));
    }
    if (written > 0) {
      this.cache.set(key, state, state.bytes);
      await this.keepSnapshot(key, stream, state);
    }
    if (outcomes.some(({ kind }) => kind === 'conflict')) {
      await this.afterRace(key, stream, state, parts.map(({ command }) => command)); // prettier-ignore
    }
  }

  private async appended(
    stream: string,
    state: StreamState,
    appends: Parameters<EventStore['appendGroup']>[2],
  ): Promise<GroupOutcome[]> {
    const started = performance.now();
    try {
      return await this.options.store.appendGroup(stream, state.revision < 0 ? 'none' : state.revision, appends);
    } finally {
      this.options.onAppend?.((performance.now() - started) / 1000);
    }
  }

  /** A repeat that only the store knows (another process wrote it first), or what it refuses; a lost race stays open. */
  private async settle(
    { work: { stream, commandId, inputHmac, onAppended }, settle, fail }: WaitingCommand,
    outcome: GroupOutcome,
  ): Promise<void> {
    switch (outcome.kind) {
      case 'conflict':
      case 'skipped':
        return;
      case 'failed':
        return fail(outcome.error);
      case 'too-large':
        return settle(tooLarge(outcome.bytes, outcome.limit));
      case 'appended': {
        const { revision } = outcome;
        const written = await this.answers.at(stream, revision, commandId);
        if (!written) throw new Error(`${stream} reports ${commandId} at ${revision} but does not contain it`);
        onAppended(written);
        settle(repeatedAnswer(written, inputHmac));
      }
    }
  }

  /** Who has lost too often gives up; the others try again after a moment, on what was read until then. */
  private async afterRace(
    key: string,
    stream: string,
    state: StreamState,
    group: readonly WaitingCommand[],
  ): Promise<void> {
    const { attempts = 20 } = this.options;
    let longest = 0;
    for (const command of group) {
      if (command.isAnswered) continue;
      const lost = (this.lost.get(command) ?? 0) + 1;
      this.lost.set(command, lost);
      if (lost >= attempts) command.settle(busy);
      else longest = Math.max(longest, lost);
    }
    if (longest === 0) return;
    await sleep(Math.random() * Math.min(200, 4 * 2 ** longest));
    await this.readOn(key, stream, state);
    this.justRead.add(state);
  }

  /** What cannot be kept is folded again from what others kept, or from the log. */
  private async keepSnapshot(key: string, stream: string, state: StreamState): Promise<void> {
    try {
      if ((await this.snapshots?.keep(stream, state)) === false) this.cache.delete(key);
    } catch (error) {
      this.options.onSnapshotFailed?.(error);
    }
  }
}

const busy: Rejection = reject(
  'platform.busy',
  'Too many changes to this record at the same time. Nothing was written. Try again in a moment.',
  { status: 503, details: { retryAfterSeconds: 1 } },
);
