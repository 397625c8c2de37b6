import { isRejection, newId, streamName } from '@daybook/kernel';
import { MemoryStore } from '../testing/memory-store.js';
import { stepAbandoned } from './hold.events.js';
import { abandonStep } from './hold.internal.js';
import { stepBinding, Steps } from './steps.js';
import { callerIn, contactCatalogue, contactRemoved, Desk, done } from './testing/contacts.js';

const tenant = newId();
const by = { caller: callerIn(tenant), causationId: newId() };

/** A stream with that many events, and steps that look at it. */
async function streamOf(events: number, holds: readonly string[] = []) {
  const store = new MemoryStore();
  const stream = streamName('crm.contact', tenant, newId());
  const append = async (names: readonly string[]) => {
    const meta = { tenant, commandId: newId(), ...(names.length > 0 ? { holds: names } : {}) };
    await store.append(stream, 'any', [await contactCatalogue.toStore(newId(), contactRemoved.of({ contactId: 'c' }), meta as never)]); // prettier-ignore
  };
  for (let i = 0; i < events; i++) await append(i === events - 1 ? holds : []);
  const steps = new Steps(store, contactCatalogue);
  const hold = (name: string, revision: number) => ({ name, step: { stream, revision, commandId: newId() } });
  return { store, stream, append, steps, hold };
}

describe('a step that something is held for', () => {
  it('was taken when the next event of its stream names the hold, and failed when another one stands there', async () => {
    const name = newId();
    const { steps, hold } = await streamOf(2, [name]);
    expect(await steps.outcome(hold(name, 0))).toBe('taken');
    expect(await steps.outcome(hold(newId(), 0))).toBe('failed');
    expect(await steps.outcome(hold(name, -1))).toBe('failed');
    expect(await steps.outcome(hold(newId(), 1))).toBe('open');
  });

  it('cannot be taken any more once it is abandoned, in a new stream too', async () => {
    for (const events of [0, 2]) {
      const { store, stream, steps, hold } = await streamOf(events);
      const open = hold(newId(), events - 1);
      expect(await steps.abandon(open, by)).toBe('failed');
      expect(store.all.at(-1)).toMatchObject({ stream, type: `${stepAbandoned.name}.v1`, data: { hold: open.name } });
      expect(await store.append(stream, events === 0 ? 'none' : events - 1, [])).toMatchObject({ kind: 'conflict' });
      expect(await steps.outcome(open)).toBe('failed');
    }
  });

  it('is not abandoned when it is taken at the last moment', async () => {
    const name = newId();
    const { store, append, steps, hold } = await streamOf(1);
    const lastRevisions = store.lastRevisions.bind(store);
    store.lastRevisions = async (streams) => {
      store.lastRevisions = lastRevisions;
      await append([name]);
      return lastRevisions(streams);
    };
    expect(await steps.abandon(hold(name, 0), by)).toBe('taken');
    expect(store.all).toHaveLength(2);
  });

  it('leaves a stream in which its record can still be created', async () => {
    const store = new MemoryStore();
    const desk = new Desk(tenant, store);
    const first = done(await desk.create('a', { key: 'k' }));
    store.all.splice(
      store.all.findIndex(({ stream }) => stream.endsWith(first.id)),
      Infinity,
    );
    const hurried = new Desk(tenant, store, { patience: { inTheWayMs: 0, elsewhereMs: 0 } });
    done(await hurried.create('a', { key: 'other' }));
    done(await hurried.create('b', { key: 'next' }));
    expect(store.all.filter(({ type }) => type.startsWith(stepAbandoned.name)).length).toBeGreaterThan(0);
    expect(await new Desk(tenant, store).create('c', { key: 'k' })).toMatchObject({ id: first.id });
  });

  it('is given up by the command that meets its hold, and by no request', () => {
    expect(stepBinding.operations).toEqual([abandonStep]);
    const decision = stepBinding.decider.decide({ name: abandonStep.name, input: {} }, null, {} as never, undefined);
    expect(isRejection(decision)).toBe(true);
  });
});
