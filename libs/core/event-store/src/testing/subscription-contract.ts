import { newId, streamName } from '@daybook/kernel';
import type { EventStore, EventToAppend } from '../port.js';
import { textOf } from './events.js';

/** What the contract of an event store has at hand for each of its specs. */
export interface Contracted {
  readonly store: () => EventStore;
  readonly tenant: () => string;
  readonly stream: () => string;
  readonly notes: (...texts: string[]) => EventToAppend[];
  readonly appended: (...args: Parameters<EventStore['append']>) => Promise<{ readonly revision: number }>;
}

/** The part of the contract about followers of all streams. */
export function subscriptionContract({ store, tenant, stream, notes, appended }: Contracted): void {
  describe('a subscription', () => {
    let abort: AbortController;
    beforeEach(() => void (abort = new AbortController()));
    afterEach(() => abort.abort());

    /** Waits for `count` texts of this spec's tenant, and returns them with their arrival times. */
    const follow = async (after: bigint, count: number, batch = 100) => {
      const seen: { text: string; position: bigint; at: number }[] = [];
      for await (const { events } of store().subscribeAll({ after, batch, signal: abort.signal })) {
        for (const event of events.filter(({ meta }) => meta.tenant === tenant())) {
          seen.push({ text: textOf(event), position: event.position, at: performance.now() });
        }
        if (seen.length >= count) break;
      }
      return seen;
    };

    it('gives what is there in order, then says that it has caught up', async () => {
      const start = await store().head();
      await appended(stream(), 'none', notes('a', 'b', 'c'));
      const batches: { events: string[]; caughtUp: boolean }[] = [];
      for await (const batch of store().subscribeAll({ after: start, batch: 2, signal: abort.signal })) {
        expect(batch.events.length).toBeLessThanOrEqual(2);
        batches.push({ events: batch.events.map(textOf), caughtUp: batch.caughtUp });
        if (batch.caughtUp) break;
      }
      expect(batches.flatMap((batch) => batch.events)).toEqual(['a', 'b', 'c']);
      expect(batches.filter((batch) => batch.caughtUp)).toHaveLength(1);
    });

    it('says that it has caught up when nothing is there at all', async () => {
      for await (const batch of store().subscribeAll({ after: await store().head(), signal: abort.signal })) {
        expect(batch).toEqual({ events: [], caughtUp: true });
        break;
      }
    });

    it('wakes at once on an append', async () => {
      const following = follow(await store().head(), 3);
      await new Promise((done) => setTimeout(done, 300));
      const sent: number[] = [];
      for (const text of ['a', 'b', 'c']) {
        await appended(stream(), 'any', notes(text));
        sent.push(performance.now());
        await new Promise((done) => setTimeout(done, 50));
      }
      const seen = await following;
      expect(seen.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
      seen.forEach(({ at }, i) => expect(at - sent[i]!).toBeLessThan(500));
    });

    it('resumes after a position without repeating or losing anything', async () => {
      const start = await store().head();
      await appended(stream(), 'none', notes('a', 'b', 'c', 'd', 'e'));
      const [, second] = await follow(start, 2, 1);
      expect((await follow(second!.position, 3)).map(({ text }) => text)).toEqual(['c', 'd', 'e']);
    });

    it('reads on only when its consumer asks', async () => {
      const start = await store().head();
      for (let i = 0; i < 30; i++) await appended(stream(), 'any', notes(`${i}`));
      const iterator = store().subscribeAll({ after: start, batch: 5, signal: abort.signal })[Symbol.asyncIterator]();
      const first: string[] = (await iterator.next()).value.events.map(textOf);
      expect(first.length).toBeLessThanOrEqual(5);
      await appended(stream(), 'any', notes('late'));
      const all = [...first];
      while (!all.includes('late')) all.push(...(await iterator.next()).value.events.map(textOf));
      expect(all).toEqual([...Array.from({ length: 30 }, (_, i) => `${i}`), 'late']);
      await iterator.return?.();
    });

    it('shows several followers the same order while many write', async () => {
      const start = await store().head();
      const followers = [1, 2].map(() => follow(start, 40, 7));
      await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          appended(streamName('spec.note', tenant(), newId()), 'none', notes(`${i}`)),
        ),
      );
      const [one, two] = await Promise.all(followers);
      expect(one!.map(({ text }) => text)).toEqual(two!.map(({ text }) => text));
      expect(new Set(one!.map(({ text }) => text)).size).toBe(40);
    });

    it('ends soon after its signal aborts', async () => {
      const following = follow(await store().head(), 1);
      await new Promise((done) => setTimeout(done, 50));
      const aborted = performance.now();
      abort.abort();
      expect(await following).toEqual([]);
      expect(performance.now() - aborted).toBeLessThan(500);
    });
  });
}
