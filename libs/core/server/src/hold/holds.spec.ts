import { isRejection, newId } from '@daybook/kernel';
import fc from 'fast-check';
import { MemoryStore } from '../testing/memory-store.js';
import { contactStream, Desk, done } from './testing/contacts.js';
import { holdsContract } from './testing/contract.js';
import { booksOf, faultsIn } from './testing/invariants.js';
import { MemoryRows, reservationsIn } from './testing/memory-reservations.js';

describe('holds in memory', () => {
  const open = async () => ({ store: new MemoryStore(), rows: new MemoryRows(), close: async () => undefined });
  holdsContract(open, { runs: 60 });
});

describe('a value that nobody has', () => {
  it('is taken without reading who had it, and one that somebody has is refused all the same', async () => {
    const tenant = newId();
    const store = new MemoryStore();
    const read: string[] = [];
    const watched = Object.create(store) as MemoryStore;
    watched.readStream = (stream, options) => {
      read.push(stream.split('-')[0]!);
      return store.readStream(stream, options);
    };
    const reservations = () => read.filter((stream) => stream === 'platform.reservation');
    const { id } = done(await new Desk(tenant, watched).create('a'));
    expect(reservations()).toEqual([]);
    expect(await new Desk(tenant, watched).create('a')).toMatchObject({ code: 'crm.code-exists' });
    expect(reservations()).not.toEqual([]);
    done(await new Desk(tenant, watched).remove(id));
    done(await new Desk(tenant, watched).create('a'));
    expect(faultsIn(await booksOf(store, tenant), tenant)).toEqual([]);
  });
});

/** A store whose calls take their turns as the scheduler says. */
class ScheduledStore extends MemoryStore {
  constructor(scheduler: fc.Scheduler) {
    super(() => scheduler.schedule(Promise.resolve(), 'call') as unknown as Promise<void>);
  }
}

/** Does this when the given append comes, before it has its effect. */
function beforeAppend(store: MemoryStore, stream: string, work: (time: number) => Promise<unknown>): MemoryStore {
  let times = 0;
  const watched = Object.create(store) as MemoryStore;
  watched.append = async (...args) => {
    if (args[0] === stream) await work((times += 1));
    return store.append(...args);
  };
  return watched;
}

describe('holds of several processes at once', () => {
  it('are kept by a command that is decided again, although the step that they were for has failed', async () => {
    const tenant = newId();
    const store = new MemoryStore();
    const others = new Desk(tenant, store, { patience: { inTheWayMs: 0, elsewhereMs: 0 } });
    const { id } = done(await others.create('a'));
    const answers: unknown[] = [];
    const slow = beforeAppend(store, contactStream(tenant, id), async (time) => {
      // Its first step fails, because the contact is changed; while it waits for its second, somebody wants the same code.
      if (time === 1) done(await others.change(id, 'a', { email: null }));
      if (time === 2) answers.push(await others.create('b'));
    });
    answers.push(await new Desk(tenant, slow).change(id, 'b'));
    expect(answers.filter(isRejection)).toMatchObject([{ code: 'crm.code-exists' }]);
    expect(faultsIn(await booksOf(store, tenant), tenant)).toEqual([]);
  });

  const acts = fc.record({
    what: fc.constantFrom('create', 'change', 'change', 'remove'),
    code: fc.constantFrom('a', 'b', 'c', 'c', 'c', null),
    of: fc.nat(1),
    /** Two processes are sent it. */
    twice: fc.boolean(),
  });

  it('leave each value with one record and each number with one, in whatever order their calls take effect', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(acts, { minLength: 2, maxLength: 5 }), async (scheduler, plan) => {
        const tenant = newId();
        const store = new ScheduledStore(scheduler);
        const personal = reservationsIn(new MemoryRows());
        // Nobody waits for anybody: every hold that is met is settled at once, be its command alive or not.
        const desk = () => new Desk(tenant, store, { personal, patience: { inTheWayMs: 0, elsewhereMs: 0 } });
        const all = (async () => {
          const ids: string[] = [];
          for (const code of ['a', 'b']) ids.push(done(await desk().create(code)).id);
          const run = ({ what, code, of }: (typeof plan)[number], key: string) => {
            const by = desk();
            if (what === 'create') return by.create(code, { key });
            return what === 'change' ? by.change(ids[of]!, code, { key }) : by.remove(ids[of]!, key);
          };
          const sent = plan.flatMap((act, index) => [act, ...(act.twice ? [act] : [])].map((one) => ({ one, index })));
          return Promise.all(sent.map(({ one, index }) => run(one, String(index))));
        })();
        await scheduler.waitFor(all);
        const books = scheduler.waitFor(booksOf(store, tenant));
        expect(faultsIn(await books, tenant)).toEqual([]);
        // What nobody has can be had.
        const { contacts } = await books;
        const taken = new Set([...contacts.values()].map(({ code }) => code));
        for (const code of ['a', 'b', 'c']) {
          const answer = await scheduler.waitFor(desk().create(code));
          expect([code, isRejection(answer)]).toEqual([code, taken.has(code)]);
        }
      }),
      { numRuns: Number(process.env['HOLD_RUNS'] ?? 100) },
    );
  });
});
