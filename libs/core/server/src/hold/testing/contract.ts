import type { EventStore } from '@daybook/event-store';
import { type CommandResult, isRejection, newId, type Rejection } from '@daybook/kernel';
import fc from 'fast-check';
import { stepAbandoned } from '../hold.events.js';
import type { ReservationRows } from '../personal-reservations.js';
import { contactStream, Desk, done, untilDecided } from './contacts.js';
import { booksOf, faultsIn } from './invariants.js';
import { reservationsIn } from './memory-reservations.js';
import { type Fate, Killed, mortal } from './mortal.js';

export interface HoldsUnderTest {
  readonly store: EventStore;
  readonly rows: ReservationRows;
  close(): Promise<void>;
}

/**
 * What holds promise on every event store, and wherever personal values are reserved. `runs` is how many random plans are
 * tried; more where a store is fast.
 */
export function holdsContract(open: () => Promise<HoldsUnderTest>, { runs }: { runs: number }): void {
  let on: HoldsUnderTest;
  beforeAll(async () => void (on = await open()));
  afterAll(() => on.close());

  const desk = (tenant: string, { hurry = false, fate = null }: { hurry?: boolean; fate?: Fate | null } = {}): Desk => {
    const mine = mortal(on.store, on.rows, fate);
    const personal = reservationsIn(mine.rows);
    return new Desk(tenant, mine.store, {
      personal,
      ...(hurry ? { patience: { inTheWayMs: 0, elsewhereMs: 0 } } : {}),
    });
  };
  const faults = async (tenant: string) => faultsIn(await booksOf(on.store, tenant), tenant);
  const codes = ['a', 'b', 'c'];

  describe('a unique value', () => {
    it('belongs to one record, and another is refused with the field that is wrong', async () => {
      const tenant = newId();
      const one = desk(tenant);
      done(await one.create('K 1'));
      expect(await one.create('k1')).toMatchObject({
        code: 'crm.code-exists',
        status: 409,
        errors: [{ pointer: '/code', code: 'crm.code-exists' }],
      });
      done(await desk(newId()).create('K 1'));
      done(await one.create(null));
      done(await one.create(null));
      expect(await faults(tenant)).toEqual([]);
    });

    it('is free once its record changes it or is removed, and not before', async () => {
      const tenant = newId();
      const one = desk(tenant);
      const { id } = done(await one.create('a', { email: 'a@example.org' }));
      done(await one.change(id, 'b', { email: 'b@example.org' }));
      const { id: other } = done(await desk(tenant).create('a', { email: 'a@example.org' }));
      expect(await one.change(id, 'a')).toMatchObject({ code: 'crm.code-exists' });
      expect(await one.change(id, 'b', { email: 'A@example.org' })).toMatchObject({ code: 'crm.email-exists' });
      done(await one.remove(other));
      done(await one.change(id, 'a', { email: 'a@example.org' }));
      expect(await faults(tenant)).toEqual([]);
    });

    it('is refused in a rehearsal, which reserves nothing', async () => {
      const tenant = newId();
      const one = desk(tenant);
      done(await one.create('a', { email: 'a@example.org' }));
      expect(await one.rehearse('a')).toMatchObject({ code: 'crm.code-exists' });
      expect(await one.rehearse('b', 'a@example.org')).toMatchObject({ code: 'crm.email-exists' });
      expect(await one.rehearse('b', 'b@example.org')).toBeNull();
      done(await desk(tenant).create('b', { email: 'b@example.org' }));
    });

    it('of a person is in no event, and in no row once nobody has it', async () => {
      const tenant = newId();
      const one = desk(tenant);
      const { id } = done(await one.create(null, { email: 'ola@example.org' }));
      const key = await reservationsIn(on.rows).keyOf(
        tenant,
        ['crm.contact.email', '', 'ola@example.org'].join('\u001f'),
      );
      expect(await on.rows.find(tenant, key)).toMatchObject({ owner: id, open: null });
      for await (const { stream } of on.store.readStream(contactStream(tenant, id))) expect(stream).toContain('crm.');
      const { reservations } = await booksOf(on.store, tenant);
      expect(reservations.size).toBe(0);
      done(await one.remove(id));
      expect(await on.rows.find(tenant, key)).toBeNull();
    });

    it('is taken and left by commands that meet on one record, without any of them being given up', async () => {
      const tenant = newId();
      const one = desk(tenant);
      const { id } = done(await one.create('a'));
      const answers = await Promise.all(['b', 'c', 'a', 'd'].map((code) => one.change(id, code)));
      for (const answer of answers) done(answer);
      for (const code of ['a', 'b', 'c']) done(await one.create(code));
      expect(await one.create('d')).toMatchObject({ code: 'crm.code-exists' });
      for await (const { type } of on.store.readAll({ tenant })) expect(type).not.toContain(stepAbandoned.name);
      expect(await faults(tenant)).toEqual([]);
    });

    it('goes to exactly one of 50 writers in two processes', async () => {
      const tenant = newId();
      const desks = [desk(tenant), desk(tenant)];
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          untilDecided(() => desks[i % 2]!.create(codes[i % 3]!, { key: String(i) })),
        ),
      );
      expect(answers.filter((answer) => !isRejection(answer))).toHaveLength(3);
      expect(new Set(answers.filter(isRejection).map(({ code }) => code))).toEqual(new Set(['crm.code-exists']));
      expect(await faults(tenant)).toEqual([]);
    });
  });

  describe('a number series', () => {
    it('counts from 1 in each year, without a number for what is refused', async () => {
      const tenant = newId();
      let now = new Date('2026-12-31T22:00:00Z');
      const one = new Desk(tenant, on.store, { now: () => now });
      done(await one.create('a'));
      expect(await one.create('a')).toMatchObject({ code: 'crm.code-exists' });
      done(await one.create('b'));
      now = new Date('2027-01-01T00:00:00Z');
      done(await one.create('c'));
      const { numbers } = await booksOf(on.store, tenant);
      expect([...numbers].sort()).toEqual(['C-2026-1', 'C-2026-2', 'C-2027-1']);
    });

    it('gives 50 writers in two processes 50 numbers without a gap', async () => {
      const tenant = newId();
      const desks = [desk(tenant), desk(tenant)];
      const create = (i: number) => untilDecided(() => desks[i % 2]!.create(`code ${i}`, { key: String(i) }));
      for (const answer of await Promise.all(Array.from({ length: 50 }, (_, i) => create(i)))) done(answer);
      const { numbers, series, voided } = await booksOf(on.store, tenant);
      const counted = numbers.map((number) => Number(number.split('-').at(-1))).sort((a, b) => a - b);
      expect(counted).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
      expect([series.last, series.open.size, voided]).toEqual([50, 0, []]);
      expect(await faults(tenant)).toEqual([]);
    });

    it('answers a repeat with the first number', async () => {
      const tenant = newId();
      const first = done(await desk(tenant).create('a', { key: 'k' }));
      expect(await desk(tenant).create('a', { key: 'k' })).toEqual(first);
      const { numbers, series } = await booksOf(on.store, tenant);
      expect([numbers.length, series.last]).toEqual([1, 1]);
    });
  });

  describe('a process that dies or waits at any call', () => {
    const when = fc.constantFrom('before' as const, 'after' as const);
    const fates = fc.record({ call: fc.integer({ min: 1, max: 26 }), when });
    const acts = fc.record({
      what: fc.constantFrom('create', 'create', 'change', 'remove'),
      code: fc.constantFrom(...codes, null),
      email: fc.constantFrom('x@example.org', 'y@example.org', null),
      of: fc.nat(3),
      fate: fc.option(fates, { freq: 2, nil: null }),
    });
    type Act = Parameters<Parameters<typeof acts.map>[0]>[0];

    /** Contacts are named by the place of the act that creates them. */
    const runner = () => {
      const ids: string[] = [];
      return async (
        by: Desk,
        { what, code, email, of }: Act,
        key: string,
      ): Promise<CommandResult | Rejection | Killed> => {
        const id = ids[of] ?? ids[0];
        const options = { email, key };
        const asked =
          what === 'create' || id === undefined
            ? by.create(code, options)
            : what === 'change'
              ? by.change(id, code, options)
              : by.remove(id, key);
        const answer = await asked.catch((error: unknown) => {
          if (error instanceof Killed) return error;
          throw error;
        });
        if (!(answer instanceof Killed) && !isRejection(answer) && !ids.includes(answer.id)) ids.push(answer.id);
        return answer;
      };
    };

    it('leaves all or nothing, which the next try of its command or of another one finishes', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(acts, { minLength: 2, maxLength: 6 }), async (plan) => {
          const tenant = newId();
          const run = runner();
          for (const [index, act] of plan.entries()) {
            await run(desk(tenant, { hurry: true, fate: act.fate }), act, String(index));
            expect(await faults(tenant)).toEqual([]);
          }
          const whole = desk(tenant, { hurry: true });
          for (const [index, act] of plan.entries()) {
            expect(await run(whole, act, String(index))).not.toBeInstanceOf(Killed);
          }
          expect(await faults(tenant)).toEqual([]);
          // What nobody has can be taken, and only that.
          const { contacts } = await booksOf(on.store, tenant);
          const taken = new Set([...contacts.values()].map(({ code }) => code));
          for (const code of codes) {
            const answer = await whole.create(code, { key: `last ${code}` });
            expect([code, isRejection(answer)]).toEqual([code, taken.has(code)]);
          }
          const after = await booksOf(on.store, tenant);
          expect([faultsIn(after, tenant), after.series.open.size]).toEqual([[], 0]);
        }),
        { numRuns: runs },
      );
    });

    it('changes nothing that others decided in the meantime, when it goes on', async () => {
      await fc.assert(
        fc.asyncProperty(fates, acts, fc.array(acts, { minLength: 1, maxLength: 4 }), async (fate, slow, others) => {
          const tenant = newId();
          const run = runner();
          for (const code of ['a', 'b']) await run(desk(tenant), { ...slow, what: 'create', code, email: null }, code);
          let goOn = () => undefined as void;
          const until = new Promise<void>((resolve) => (goOn = resolve));
          const waiting = run(desk(tenant, { hurry: true, fate: { ...fate, until: () => until } }), slow, 'slow');
          const whole = desk(tenant, { hurry: true });
          for (const [index, act] of others.entries()) await run(whole, act, String(index));
          expect(await faults(tenant)).toEqual([]);
          goOn();
          await waiting;
          expect(await faults(tenant)).toEqual([]);
        }),
        { numRuns: runs },
      );
    });
  });
}
