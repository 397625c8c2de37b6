import { eventIdOf, newId, streamName } from '@daybook/kernel';
import { dataFormat } from '@daybook/kernel/data-format';
import { identifyCopy, identifyLog, logIdentity, logIdentityStream } from '../log-identity.js';
import { maxAppendBytes, type AppendOutcome, type EventStore, type EventToAppend, type GroupOutcome } from '../port.js';
import { noteFor, textOf } from './events.js';
import { subscriptionContract } from './subscription-contract.js';

type Appended = Extract<AppendOutcome, { kind: 'appended' }>;

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The contract of every event store, run by each adapter's spec; `open` may read all tenants. */
export function eventStoreContract(open: () => Promise<EventStore>): void {
  let store: EventStore;
  let tenant: string;
  let stream: string;
  beforeAll(async () => void (store = await open()));
  afterAll(() => store.close());
  beforeEach(() => {
    tenant = newId();
    stream = streamName('spec.note', tenant, newId());
  });

  const notes = (...texts: string[]) => texts.map((text) => noteFor(tenant, text));
  const appended = async (...args: Parameters<EventStore['append']>): Promise<Appended> => {
    const outcome = await store.append(...args);
    if (outcome.kind !== 'appended') throw new Error(`Not appended: ${outcome.kind}`);
    return outcome;
  };
  const texts = async (options?: Parameters<EventStore['readStream']>[1]) =>
    (await collect(store.readStream(stream, options))).map(textOf);

  describe('append', () => {
    it('numbers revisions from 0 and answers the last one with its position', async () => {
      const first = await appended(stream, 'none', notes('a', 'b'));
      expect(first).toMatchObject({ revision: 1, repeated: false });
      const second = await appended(stream, 1, notes('c'));
      expect(second.revision).toBe(2);
      expect(second.position).toBeGreaterThan(first.position);
      const events = await collect(store.readStream(stream));
      expect(events.map((event) => event.revision)).toEqual([0, 1, 2]);
      expect(events.map((event) => event.position)).toEqual([expect.anything(), first.position, second.position]);
      expect(events.map((event) => event.recordedAt)).toEqual(
        [first, first, second].map((outcome) => outcome.recordedAt),
      );
    });

    it('keeps an event as it was given', async () => {
      const note = { ...noteFor(tenant), data: { text: 'ä€🙂 "quoted" \u001e', none: null, list: [1, { a: '1.10' }] } };
      await appended(stream, 'none', [note]);
      const [event] = await collect(store.readStream(stream));
      expect(event).toMatchObject({ id: note.id, type: note.type, stream, data: note.data, meta: note.meta });
      expect(JSON.stringify(event!.data)).toBe(JSON.stringify(note.data));
      expect(event!.recordedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    });

    it('answers a conflict with the actual revision and appends nothing', async () => {
      expect(await store.append(stream, 0, notes('x'))).toEqual({ kind: 'conflict', actual: -1 });
      await appended(stream, 'none', notes('a'));
      expect(await store.append(stream, 'none', notes('x'))).toEqual({ kind: 'conflict', actual: 0 });
      expect(await store.append(stream, 5, notes('x'))).toEqual({ kind: 'conflict', actual: 0 });
      expect(await texts()).toEqual(['a']);
    });

    it("appends after whatever stands there when 'any' is expected", async () => {
      await appended(stream, 'any', notes('a'));
      expect((await appended(stream, 'any', notes('b'))).revision).toBe(1);
    });

    it.each([['none'], [0], ['any']] as const)(
      'answers a repeat with %s expected like the first time, later events notwithstanding',
      async (expected) => {
        if (expected !== 'none') await appended(stream, 'none', notes('before'));
        const events = notes('a', 'b');
        const first = await appended(stream, expected, events);
        await appended(stream, first.revision, notes('later'));
        expect(await store.append(stream, expected, events)).toEqual({ ...first, repeated: true });
        expect(await texts()).toEqual([...(expected === 'none' ? [] : ['before']), 'a', 'b', 'later']);
      },
    );

    it('answers a conflict, and appends nothing, when only a part of the events stands there', async () => {
      const [one, two, three] = notes('a', 'b', 'c') as [EventToAppend, EventToAppend, EventToAppend];
      await appended(stream, 'none', [one, two]);
      expect(await store.append(stream, 'none', [one, three])).toEqual({ kind: 'conflict', actual: 1 });
      expect(await store.append(stream, 'none', [one, two, three])).toEqual({ kind: 'conflict', actual: 1 });
      expect(await texts()).toEqual(['a', 'b']);
    });

    it('takes the events of one command into two streams, each once', async () => {
      const other = streamName('spec.other', tenant, newId());
      const commandId = newId();
      const of = (name: string) => [0, 1].map((i) => noteFor(tenant, `${i}`, eventIdOf(commandId, name, i)));
      for (const name of [stream, other]) {
        const first = await appended(name, 'none', of(name));
        expect(first).toMatchObject({ revision: 1, repeated: false });
        expect(await store.append(name, 'none', of(name))).toEqual({ ...first, repeated: true });
        expect((await collect(store.readStream(name))).map(textOf)).toEqual(['0', '1']);
      }
    });

    it('refuses an append over the limit before sending it, and takes one just below', async () => {
      const outcome = await store.append(stream, 'none', notes('x'.repeat(maxAppendBytes)));
      expect(outcome).toMatchObject({ kind: 'too-large', limit: maxAppendBytes });
      expect(await texts()).toEqual([]);
      await appended(stream, 'none', notes('x'.repeat(maxAppendBytes - 2_000)));
    });

    it('refuses a stream that belongs to no tenant', async () => {
      await expect(store.append('spec.note-nobody', 'any', notes('x'))).rejects.toThrow('A stream is named');
    });

    it("refuses metadata that names another tenant than the stream's", async () => {
      await expect(store.append(stream, 'any', [noteFor(newId())])).rejects.toThrow(/tenant/);
      expect(await texts()).toEqual([]);
    });

    describe('of a group', () => {
      const kinds = (outcomes: readonly GroupOutcome[]) =>
        outcomes.map((one) => (one.kind === 'appended' && one.repeated ? 'repeated' : one.kind));

      it('appends one after the other, each with its own revision, position and time', async () => {
        await appended(stream, 'none', notes('before'));
        const outcomes = await store.appendGroup(stream, 0, [notes('a'), notes('b', 'c'), notes('d')]);
        expect(outcomes).toMatchObject([1, 3, 4].map((revision) => ({ kind: 'appended', revision, repeated: false })));
        const events = await collect(store.readStream(stream));
        expect(events.map(textOf)).toEqual(['before', 'a', 'b', 'c', 'd']);
        expect(outcomes).toMatchObject(
          [1, 3, 4].map((at) => ({ position: events[at]!.position, recordedAt: events[at]!.recordedAt })),
        );
      });

      it('begins a stream, and goes on at any revision where none is expected', async () => {
        expect(kinds(await store.appendGroup(stream, 'none', [notes('a'), notes('b')]))).toEqual([
          'appended',
          'appended',
        ]);
        expect(kinds(await store.appendGroup(stream, 'any', [notes('c'), notes('d')]))).toEqual([
          'appended',
          'appended',
        ]);
        expect(await texts()).toEqual(['a', 'b', 'c', 'd']);
      });

      it('appends nothing after a lost race, and tells who lost it the actual revision', async () => {
        await appended(stream, 'none', notes('a', 'b'));
        const outcomes = await store.appendGroup(stream, 0, [notes('x'), notes('y')]);
        expect(outcomes).toEqual([{ kind: 'conflict', actual: 1 }, { kind: 'skipped' }]);
        expect(await texts()).toEqual(['a', 'b']);
      });

      it('answers a repeat within a group as the first time, and leaves what was before it in the group', async () => {
        const [known, next] = [notes('known'), notes('next')];
        const first = await appended(stream, 'none', known);
        const again = await store.appendGroup(stream, 'none', [known, next]);
        expect(again).toEqual([{ ...first, repeated: true }, { kind: 'skipped' }]);
        expect(kinds(await store.appendGroup(stream, 0, [next, notes('c')]))).toEqual(['appended', 'appended']);
        expect(await texts()).toEqual(['known', 'next', 'c']);
      });

      it('leaves out what is too large and what was decided on it, and nothing else', async () => {
        const outcomes = await store.appendGroup(stream, 'none', [
          notes('a'),
          notes('x'.repeat(maxAppendBytes)),
          notes('b'),
        ]);
        expect(outcomes).toMatchObject([{ kind: 'appended', revision: 0 }, { kind: 'too-large' }, { kind: 'skipped' }]);
        expect(await texts()).toEqual(['a']);
      });

      it('takes more in a group than in one append', async () => {
        const large = () => notes('x'.repeat(maxAppendBytes / 2));
        const outcomes = await store.appendGroup(stream, 'none', [large(), large(), large(), notes('a')]);
        expect(outcomes).toMatchObject([0, 1, 2, 3].map((revision) => ({ kind: 'appended', revision })));
      });

      it('tells of what the store refuses as the outcome of that append alone', async () => {
        const outcomes = await store.appendGroup(stream, 'none', [notes('a'), [noteFor(newId())], notes('b')]);
        expect(kinds(outcomes)).toEqual(['appended', 'failed', 'skipped']);
        expect(await texts()).toEqual(['a']);
      });

      it('mixes with groups and appends to other streams', async () => {
        const streams = Array.from({ length: 5 }, () => streamName('spec.note', tenant, newId()));
        await Promise.all(
          streams.map(async (name, i) => {
            const group = Array.from({ length: i + 1 }, (_, n) => notes(`${i}.${n}`));
            expect(kinds(await store.appendGroup(name, 'none', group))).toEqual(group.map(() => 'appended'));
          }),
        );
        for (const [i, name] of streams.entries()) {
          const found = await collect(store.readStream(name));
          expect(found.map(textOf)).toEqual(Array.from({ length: i + 1 }, (_, n) => `${i}.${n}`));
          expect(found.map(({ revision }) => revision)).toEqual(found.map((_, n) => n));
        }
      });
    });

    it('gives concurrent writers of one stream revisions without a gap, and losers the truth', async () => {
      const writers = 8;
      const each = 5;
      let conflicts = 0;
      await Promise.all(
        Array.from({ length: writers }, async (_, writer) => {
          for (let written = 0, revision = -1; written < each;) {
            const outcome = await store.append(stream, revision < 0 ? 'none' : revision, notes(`${writer}.${written}`));
            if (outcome.kind === 'too-large') throw new Error('Too large?');
            if (outcome.kind === 'conflict') {
              expect(outcome.actual).not.toBe(revision);
              conflicts++;
              revision = outcome.actual;
            } else {
              revision = outcome.revision;
              written++;
            }
          }
        }),
      );
      const events = await collect(store.readStream(stream));
      expect(events.map((event) => event.revision)).toEqual(Array.from({ length: writers * each }, (_, i) => i));
      for (let writer = 0; writer < writers; writer++) {
        const own = events.map(textOf).filter((text) => text.startsWith(`${writer}.`));
        expect(own).toEqual(Array.from({ length: each }, (_, i) => `${writer}.${i}`));
      }
      expect(conflicts).toBeGreaterThan(0);
    });
  });

  describe('reading', () => {
    it('reads a stream both ways, from a revision and up to a limit', async () => {
      await appended(stream, 'none', notes('a', 'b', 'c', 'd'));
      expect(await texts()).toEqual(['a', 'b', 'c', 'd']);
      expect(await texts({ from: 2 })).toEqual(['c', 'd']);
      expect(await texts({ from: 1, limit: 2 })).toEqual(['b', 'c']);
      expect(await texts({ backwards: true })).toEqual(['d', 'c', 'b', 'a']);
      expect(await texts({ backwards: true, limit: 1 })).toEqual(['d']);
      expect(await texts({ backwards: true, from: 1 })).toEqual(['b', 'a']);
      expect(await texts({ from: 4 })).toEqual([]);
    });

    it('reads nothing from a stream that does not exist', async () => {
      expect(await texts()).toEqual([]);
      expect(await texts({ backwards: true })).toEqual([]);
    });

    it('answers the last revisions of streams in the order they are asked, -1 for one that is not there', async () => {
      const other = streamName('spec.other', tenant, newId());
      expect(await store.lastRevisions([stream])).toEqual([-1]);
      await appended(stream, 'none', notes('a', 'b'));
      await appended(other, 'none', notes('c'));
      const none = streamName('spec.none', tenant, newId());
      expect(await store.lastRevisions([other, stream, none, stream])).toEqual([0, 1, -1, 1]);
      expect(await store.lastRevisions([])).toEqual([]);
      await appended(stream, 1, notes('d'));
      expect(await store.lastRevisions([stream])).toEqual([2]);
    });

    it('reads all streams in the order of positions, both ways, between bounds', async () => {
      const other = streamName('spec.other', tenant, newId());
      const start = await store.head();
      await appended(stream, 'none', notes('a'));
      const middle = await appended(other, 'none', notes('b'));
      const last = await appended(stream, 0, notes('c', 'd'));
      expect(await store.head()).toBe(last.position);
      const all = async (options: Parameters<EventStore['readAll']>[0]) =>
        (await collect(store.readAll({ tenant, ...options }))).map(textOf);
      expect(await all({})).toEqual(['a', 'b', 'c', 'd']);
      expect(await all({ after: start })).toEqual(['a', 'b', 'c', 'd']);
      expect(await all({ after: middle.position })).toEqual(['c', 'd']);
      expect(await all({ after: start, before: last.position })).toEqual(['a', 'b', 'c']);
      expect(await all({ backwards: true, limit: 2 })).toEqual(['d', 'c']);
      expect(await all({ backwards: true, before: middle.position })).toEqual(['a']);
      expect(await all({ tenant: newId() })).toEqual([]);
      const positions = (await collect(store.readAll({ after: start }))).map((event) => event.position);
      expect(positions).toEqual([...positions].sort((a, b) => (a < b ? -1 : 1)));
    });

    it('finds the event at a position, and nothing between or behind positions', async () => {
      await appended(stream, 'none', notes('a'));
      const second = await appended(stream, 0, notes('b', 'c'));
      const found = await store.eventAt(second.position);
      expect(found).toMatchObject({ stream, revision: 2, position: second.position, data: { text: 'c' } });
      expect(await store.eventAt(second.position + 1n)).toBeNull();
      expect(await store.eventAt(0n)).toBeNull();
    });

    it('never dates an event before the one in front of it', async () => {
      const start = await store.head();
      for (let i = 0; i < 5; i++) await appended(stream, 'any', notes('x'));
      const times = (await collect(store.readAll({ after: start }))).map((event) => event.recordedAt);
      expect(times).toEqual([...times].sort());
    });

    it('stops when its signal aborts', async () => {
      await appended(stream, 'none', notes('a', 'b', 'c'));
      const abort = new AbortController();
      abort.abort();
      expect(await texts({ signal: abort.signal })).toEqual([]);
    });
  });

  describe('the identity of a log', () => {
    it('is written once, however many processes start at once, and stays', async () => {
      const ids = await Promise.all(Array.from({ length: 5 }, () => identifyLog(store)));
      expect(new Set(ids).size).toBe(1);
      expect(await logIdentity(store)).toBe(ids[0]);
      expect(await collect(store.readStream(logIdentityStream))).toHaveLength(1);
    });

    it('is another one on a copy, which still tells of which log it is one', async () => {
      const original = await identifyLog(store);
      const copy = await identifyCopy(store);
      expect(copy).not.toBe(original);
      expect(await identifyLog(store)).toBe(copy);
      const [first, second] = await collect(store.readStream(logIdentityStream));
      expect([first!.data, second!.data]).toEqual([
        { logId: original, format: dataFormat, copyOf: null },
        { logId: copy, format: dataFormat, copyOf: original },
      ]);
    });
  });

  subscriptionContract({ store: () => store, tenant: () => tenant, stream: () => stream, notes, appended });
}
