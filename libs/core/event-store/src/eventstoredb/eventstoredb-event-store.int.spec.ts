import { newId, streamName } from '@daybook/kernel';
import type { EventStore } from '../port.js';
import { collect, eventStoreContract } from '../testing/contract.js';
import { startEventStoreDbDouble, type EventStoreDbDouble } from '../testing/eventstoredb-double.js';
import { noteFor } from '../testing/events.js';
import { openEventStoreDb } from './eventstoredb-event-store.js';

describe('the EventStoreDB event store, against a double', () => {
  let double: EventStoreDbDouble;
  beforeAll(async () => void (double = await startEventStoreDbDouble()));
  afterAll(() => double.stop());
  eventStoreContract(async () => openEventStoreDb({ url: double.url }));
});

describe('a subscription to EventStoreDB', () => {
  let double: EventStoreDbDouble;
  let store: EventStore;
  let abort: AbortController;
  const tenant = newId();
  const stream = streamName('spec.note', tenant, 'x');
  beforeAll(async () => {
    double = await startEventStoreDbDouble();
    store = openEventStoreDb({ url: double.url, watchdogMs: 200 });
  });
  afterAll(async () => {
    await store.close();
    await double.stop();
  });
  beforeEach(() => void (abort = new AbortController()));
  afterEach(() => abort.abort());

  const follow = async (after: bigint, count: number): Promise<string[]> => {
    const seen: string[] = [];
    for await (const { events } of store.subscribeAll({ after, signal: abort.signal })) {
      seen.push(...events.map((event) => event.id));
      if (seen.length >= count) break;
    }
    return seen;
  };

  it('hides system events and their positions', async () => {
    await store.append(stream, 'any', [noteFor(tenant)]);
    const head = await store.head();
    double.log.append('$stats', 'any', [
      {
        id: newId(),
        metadata: new Map([['type', '$statsCollected']]),
        data: new Uint8Array(),
        customMetadata: new Uint8Array(),
      },
    ]);
    expect(await store.head()).toBe(head);
    expect((await collect(store.readAll())).map((event) => event.stream)).toEqual([stream]);
  });

  it('resumes at its position when the server drops it', async () => {
    const notes = [noteFor(tenant), noteFor(tenant), noteFor(tenant)];
    const following = follow(await store.head(), 3);
    for (const note of notes) {
      await store.append(stream, 'any', [note]);
      await new Promise((done) => setTimeout(done, 60));
      double.dropSubscriptions();
    }
    expect(await following).toEqual(notes.map((note) => note.id));
  });

  it('notices a silent connection', async () => {
    const note = noteFor(tenant);
    const following = follow(await store.head(), 1);
    await new Promise((done) => setTimeout(done, 100));
    double.silence(true);
    await store.append(stream, 'any', [note]);
    double.silence(false);
    expect(await following).toEqual([note.id]);
  });

  it('skips long runs of system events by checkpoints', async () => {
    const after = await store.head();
    for (let i = 0; i < 1_000; i++) {
      double.log.append('$stats', 'any', [
        {
          id: newId(),
          metadata: new Map([['type', '$statsCollected']]),
          data: new Uint8Array(),
          customMetadata: new Uint8Array(),
        },
      ]);
    }
    const note = noteFor(tenant);
    await store.append(stream, 'any', [note]);
    expect(await follow(after, 1)).toEqual([note.id]);
    expect((await collect(store.readAll({ after }))).map((event) => event.id)).toEqual([note.id]);
  });
});
