import {
  ANY,
  BACKWARDS,
  END,
  FORWARDS,
  jsonEvent,
  NO_STREAM,
  START,
  type AppendExpectedRevision,
  type JSONEventData,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { newId } from '@daybook/kernel';
import { setImmediate as turn } from 'node:timers/promises';
import { appendInTurn, isNew } from '../append-in-turn.js';
import { withDeadline } from '../deadline.js';
import { serializeAppend, owningTenant } from '../serialize-append.js';
import {
  maxAppendBytes,
  type AppendOutcome,
  type EventStore,
  type EventToAppend,
  type ExpectedRevision,
  type GroupOutcome,
  type StoredEvent,
} from '../port.js';
import { answerWithinMs, StoreUnavailable } from '../store-unavailable.js';
import { parseEventStoreUrl } from './address.js';
import { connectTo } from './connect.js';
import { isStreamNotFound, isWrongVersion, mayRefusePosition, silent, unavailableOf } from './errors.js';
import { asStored, applicationEvent, positionOf, writtenMeta } from './stored-event.js';
import { subscribe } from './subscribe.js';

export interface EventStoreDbOptions {
  /** `esdb://user:password@host:2113,host:2113?tls=true` */
  readonly url: string;
  readonly watchdogMs?: number;
  /** How long to wait for a response of the server. */
  readonly answerMs?: number;
  /** Called when the server was unavailable: another one may be there afterwards. */
  readonly onInterrupted?: () => void;
}

/** Events held in memory at once; each may be 1 MB. */
const page = 100;
/** The client ends a call after this time, for calls that nobody waits for any more; a page may take long. */
const longestCallMs = 120_000;
type Reading<E> = AsyncIterable<E> & { cancel(): Promise<void> };

/** Not yet verified against a real server; see the README beside. */
export function openEventStoreDb(options: EventStoreDbOptions): EventStore {
  const { watchdogMs = 30_000, answerMs = answerWithinMs, onInterrupted = () => undefined } = options;
  const address = parseEventStoreUrl(options.url);
  const client = connectTo(address);
  const noWord = () => silent(address, answerMs);

  /** Turns errors into StoreUnavailable where they mean that. Retries once what fails at once: a node may just have been replaced. */
  async function asking<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        const unavailable = unavailableOf(error, address);
        if (!unavailable) throw error;
        onInterrupted();
        if (tries > 1 || unavailable.why === 'silent' || unavailable.why === 'denied') throw unavailable;
        // The client drops a broken connection a moment after it reports the error.
        await turn();
      }
    }
  }

  /** Reads to the end, since the client never releases a read that is left early. Each event must arrive within the deadline. */
  async function collect<E extends ResolvedEvent>(begin: () => Reading<E>): Promise<E[]> {
    const reading = begin();
    const events = reading[Symbol.asyncIterator]();
    const all: E[] = [];
    try {
      for (;;) {
        const { done, value } = await withDeadline(answerMs, events.next(), noWord);
        if (done) return all;
        all.push(value);
      }
    } catch (error) {
      if (error instanceof StoreUnavailable) void reading.cancel().catch(() => undefined);
      throw error;
    }
  }

  async function* stream(name: string, from: number | null, backwards: boolean, limit: number, signal?: AbortSignal) {
    let next = from === null ? null : BigInt(from);
    for (let left = limit; left > 0 && !signal?.aborted;) {
      const count = Math.min(left, page);
      const events: StoredEvent[] = [];
      try {
        const reading = () =>
          client.readStream(name, {
            fromRevision: next ?? (backwards ? END : START),
            direction: backwards ? BACKWARDS : FORWARDS,
            maxCount: count,
            deadline: longestCallMs,
          });
        for (const { event } of await asking(() => collect(reading))) if (event) events.push(asStored(event));
      } catch (error) {
        if (isStreamNotFound(error)) return;
        throw error;
      }
      yield* events;
      const last = events.at(-1);
      if (!last || events.length < count || (backwards && last.revision === 0)) return;
      left -= events.length;
      next = BigInt(last.revision + (backwards ? -1 : 1));
    }
  }

  /** The server reads forwards from a position inclusively, backwards exclusively, and knows no tenants. */
  async function* all(after: bigint, before: bigint | null, backwards: boolean, size = page) {
    let from = backwards ? before : after === 0n ? null : after;
    for (;;) {
      let read = 0;
      let reached: bigint | null = null;
      const events: StoredEvent[] = [];
      const reading = () =>
        client.readAll({
          fromPosition: from === null ? (backwards ? END : START) : positionOf(from),
          direction: backwards ? BACKWARDS : FORWARDS,
          maxCount: size,
          deadline: longestCallMs,
        });
      for (const resolved of await asking(() => collect(reading))) {
        read++;
        reached = resolved.event?.position.commit ?? reached;
        const event = applicationEvent(resolved);
        if (event) events.push(asStored(event));
      }
      for (const event of events) {
        if (backwards ? event.position <= after : before !== null && event.position >= before) return;
        if (backwards || (event.position > after && event.position !== from)) yield event;
      }
      if (read < size || reached === null || reached === from) return;
      from = reached;
    }
  }

  async function head(): Promise<bigint> {
    // Usually the last event; system events may follow it.
    for await (const event of all(0n, null, true, 4)) return event.position;
    return 0n;
  }

  async function append(
    name: string,
    expected: ExpectedRevision,
    events: readonly EventToAppend[],
    attempt: string,
  ): Promise<AppendOutcome> {
    try {
      const written = events.map((event) => proposed(event, attempt));
      const { nextExpectedRevision } = await client.appendToStream(name, written, {
        expectedRevision: asExpected(expected),
        deadline: answerMs * 2,
      });
      return await outcomeAt(name, Number(nextExpectedRevision), attempt);
    } catch (error) {
      if (isWrongVersion(error)) {
        return { kind: 'conflict', actual: typeof error.actualVersion === 'bigint' ? Number(error.actualVersion) : -1 };
      }
      throw error;
    }
  }

  async function lastRevision(name: string): Promise<number> {
    for await (const { revision } of stream(name, null, true, 1)) return revision;
    return -1;
  }

  /** The server's answer to an append has no time and, for a repeat, not the first position: both are read from the stream. */
  async function outcomeAt(name: string, revision: number, attempt: string): Promise<AppendOutcome> {
    const reading = () =>
      client.readStream(name, { fromRevision: BigInt(revision), maxCount: 1, deadline: longestCallMs });
    for (const { event } of await collect(reading)) {
      if (!event) break;
      const { position, recordedAt } = asStored(event);
      const repeated = writtenMeta(event).attempt !== attempt;
      return { kind: 'appended', revision, position, recordedAt, repeated };
    }
    throw new Error(`Revision ${revision} of ${name} was appended and cannot be read.`);
  }

  async function appendOne(
    name: string,
    expected: ExpectedRevision,
    events: readonly EventToAppend[],
  ): Promise<AppendOutcome> {
    const tenant = owningTenant(name);
    if (events.some(({ meta }) => meta.tenant !== tenant)) throw new Error(`${name} takes events of its tenant only.`);
    const { bytes } = serializeAppend(events);
    if (bytes > maxAppendBytes) return { kind: 'too-large', bytes, limit: maxAppendBytes };
    const attempt = newId();
    // Event ids make a retry safe, whether or not it was written.
    return asking(() => withDeadline(answerMs, append(name, expected, events, attempt), noWord));
  }

  async function appendGroup(
    name: string,
    expected: ExpectedRevision,
    appends: readonly (readonly EventToAppend[])[],
  ): Promise<GroupOutcome[]> {
    let outcomes: GroupOutcome[] = [];
    let next = expected;
    for (const batch of batchesOf(appends)) {
      outcomes = outcomes.concat(await appendBatch(name, next, batch));
      const last = outcomes.at(-1)!;
      if (!isNew(last)) break;
      next = last.revision;
    }
    return [...outcomes, ...appends.slice(outcomes.length).map((): GroupOutcome => ({ kind: 'skipped' }))];
  }

  /** The server writes an append entirely or not at all; appends that it does not write together are retried one by one. */
  async function appendBatch(
    name: string,
    expected: ExpectedRevision,
    batch: readonly (readonly EventToAppend[])[],
  ): Promise<GroupOutcome[]> {
    const whole = batch.length > 1 ? appendOne(name, expected, batch.flat()) : null;
    const together = await whole?.catch((error: unknown) => {
      if (error instanceof StoreUnavailable) throw error;
      return null;
    });
    if (!together || !isNew(together)) {
      return appendInTurn(expected, batch, (from, events) => appendOne(name, from, events));
    }
    const written = batch.flat().length;
    const stored: StoredEvent[] = [];
    const first = together.revision - written + 1;
    for await (const event of stream(name, first, false, written)) stored.push(event);
    let end = -1;
    return batch.map((events) => {
      const { revision, position, recordedAt } = stored[(end += events.length)]!;
      return { kind: 'appended', revision, position, recordedAt, repeated: false };
    });
  }

  return {
    append: appendOne,
    appendGroup,
    readStream: (name, { from, backwards = false, limit = Infinity, signal } = {}) =>
      stream(name, from ?? null, backwards, limit, signal),
    readAll: async function* ({ after = 0n, before, backwards = false, limit = Infinity, tenant } = {}) {
      let left = limit;
      for await (const event of all(after, before ?? null, backwards)) {
        if (tenant !== undefined && event.meta.tenant !== tenant) continue;
        if (left-- <= 0) return;
        yield event;
      }
    },
    subscribeAll: ({ after, batch = page, signal }) =>
      subscribe(client, head, {
        after,
        batch,
        signal,
        watchdogMs,
        asUnavailable: (error) => unavailableOf(error, address),
        onInterrupted,
      }),
    lastRevisions: (names) => Promise.all(names.map(lastRevision)),
    eventAt: async (position) => {
      const fromPosition = positionOf(position);
      const reading = () => client.readAll({ fromPosition, direction: FORWARDS, maxCount: 1, deadline: longestCallMs });
      const read = () => asking(() => collect(reading));
      const found = await read().catch(async (error: unknown) => {
        if (!mayRefusePosition(error)) throw error;
        // The position is invalid only if the server answers another read and refuses this one again.
        await head();
        return read().catch((again: unknown) => {
          if (!mayRefusePosition(again)) throw again;
          return [];
        });
      });
      const event = found[0] && applicationEvent(found[0]);
      return event?.position?.commit === position ? asStored(event) : null;
    },
    head,
    findsRepeats: false,
    close: () => client.dispose(),
  };
}

/** As many appends in one call as the server accepts. */
function batchesOf(appends: readonly (readonly EventToAppend[])[]): (readonly EventToAppend[])[][] {
  const batches: (readonly EventToAppend[])[][] = [];
  let bytes = Infinity;
  for (const events of appends) {
    const more = serializeAppend(events).bytes;
    if (bytes + more > maxAppendBytes) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)!.push(events);
    bytes += more;
  }
  return batches;
}

const proposed = ({ id, type, data, meta }: EventToAppend, attempt: string): JSONEventData =>
  jsonEvent({ id, type, data: data as Record<string, unknown>, metadata: { meta, attempt } });

const asExpected = (expected: ExpectedRevision): AppendExpectedRevision =>
  expected === 'any' ? ANY : expected === 'none' ? NO_STREAM : BigInt(expected);
