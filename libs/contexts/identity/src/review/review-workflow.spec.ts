import {
  type CommandOperation,
  eventIdOf,
  isRejection,
  nameId,
  type NewEvent,
  type RecordedEvent,
  reject,
} from '@daybook/kernel';
import type { EventReader } from '@daybook/server';
import { stepIdOf } from '@daybook/server/command/step-id';
import { tenantStream } from '../access/tenant-state-cache.js';
import { grantRevoked } from '../grant/grant.events.js';
import { noTenantYet } from '../tenant/tenant.state.js';
import { admitted, created, holds, tenantId } from '../tenant/testing/given.js';
import { evidenceOf } from './review-evidence.js';
import { reviewDecider } from './review.decider.js';
import { reviewPage } from './review.operations.js';
import { close, decideItem, reviewIn, reviewStream, start } from './review-workflow.js';

const reviewId = '0190a1b2-0000-7000-8000-0000000000e1';
const person = (n: number): string => `0190a1b2-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
const grantOf = (n: number): string => `0190a1b2-0000-7000-9000-${n.toString(16).padStart(12, '0')}`;
const kari = person(90_001);

/** A tenant in which that many hold one role each, and steps that die after some of them; streams in memory. */
function tenantOf(people: number, last = person(people)) {
  const all = new Map<string, RecordedEvent[]>();
  const did = new Map<string, { input: string; answer: unknown }>();
  let position = 0;
  const append = (stream: string, event: NewEvent, commandId: string) => {
    const before = all.get(stream) ?? [];
    all.set(stream, before);
    position += 1;
    before.push({
      ...event,
      id: eventIdOf(commandId, stream, 0),
      version: 1,
      stream,
      revision: before.length,
      position: BigInt(position),
      recordedAt: '2026-03-31T12:00:00.000Z',
      meta: { actor: { kind: 'person', id: kari } },
    } as unknown as RecordedEvent);
    return String(position);
  };
  const access = (event: NewEvent) => append(tenantStream(tenantId), event, reviewId);
  access(created);
  access(admitted(kari));
  for (let n = 1; n <= people; n++) access(holds(n === people ? last : person(n), 'Staff', { grantId: grantOf(n) }));
  const listedAt = position;
  const events: EventReader = {
    stream: async function* (stream) {
      yield* [...(all.get(stream) ?? [])];
    },
  };
  const control = { dieAfter: Infinity, uses: '2026-03-01T08:00:00.000Z' };
  const run = async (name: string, input: object, commandId: string): Promise<unknown> => {
    if (control.dieAfter-- <= 0) throw new Error('The process died');
    const known = did.get(commandId);
    if (known)
      return known.input === JSON.stringify(input)
        ? known.answer
        : reject('platform.idempotency-key-reused', 'Other content.');
    const done = (answer: unknown) => did.set(commandId, { input: JSON.stringify(input), answer }) && answer;
    if (name === 'identity.grant.revoke') return done({ id: reviewId, version: 2, position: '0' });
    const state = await reviewIn(events, tenantId, reviewId);
    const context = { now: '2026-03-31T12:00:00.000Z', tenant: tenantId, actor: kari, commandId, newId: reviewId, expectedVersion: null, reason: null }; // prettier-ignore
    const decision = reviewDecider.decide({ name, input } as never, state, context, {
      reviewer: kari,
      persons: [kari],
    });
    if (isRejection(decision)) return decision;
    const at = decision.events.map((event) => append(reviewStream(tenantId, reviewId), event, commandId)).at(-1);
    return done({ id: decision.id, version: decision.version, position: at });
  };
  // Commands on one stream take turns, as they do in the product.
  let turn: Promise<unknown> = Promise.resolve();
  const executeAs = (
    _caller: unknown,
    { name }: CommandOperation,
    input: object,
    { commandId }: { commandId: string },
  ) => {
    const mine = turn.then(() => run(name, input, commandId));
    turn = mine.catch(() => undefined);
    return mine;
  };
  const asking = (name: string, commandId = nameId(reviewId, name)) => ({
    caller: { tenant: tenantId, actor: { kind: 'person', id: kari } },
    newId: reviewId,
    commandId,
    events,
    executeAs,
    execute: (operation: CommandOperation, input: object, item?: string) => {
      const id = operation.name.endsWith('open') ? commandId : stepIdOf(commandId, operation, item);
      return executeAs(null, operation, input, { commandId: id });
    },
    read: async (work: (read: object) => unknown) =>
      work({ stamp: { trail: '41', recordedAt: '2026-03-31T12:00:00.000Z' }, position: BigInt(listedAt) }),
  });
  const deps = {
    tenantStates: { current: async () => ({ ...noTenantYet, members: new Map([[kari, { status: 'active' }]]) }) },
    lastActivity: async (_tenant: string, ids: readonly string[]) =>
      new Map(ids.map((id) => [id, { lastSeenAt: control.uses }])),
    uses: async () => new Map(),
  } as never;
  const wanted = { name: 'Review of 2026', dueOn: '2099-12-31' };
  return {
    control,
    access,
    start: (more: object = {}) => start({ ...wanted, ...more }, asking('start') as never, deps),
    decide: (itemId: string, commandId: string) =>
      decideItem({ reviewId, itemId, decision: 'revoke', reason: 'Left' }, asking(commandId) as never, deps),
    close: () => close(reviewId, asking('close') as never, deps),
    state: async () => {
      const state = await reviewIn(events, tenantId, reviewId);
      if (state.status === 'absent') throw new Error('There is no review');
      return { status: state.status, sizes: state.pages.map(({ size }) => size), pages: state.pages };
    },
    evidence: () => evidenceOf(events, tenantId, reviewId, 1_000_000n),
  };
}

describe('an access review of 3,000 employees', () => {
  it('lists every grant, a page at a time, and all of them are in the evidence', async () => {
    const house = tenantOf(3_100);
    const started = await house.start();
    expect(started).toMatchObject({ id: reviewId, version: 4 });
    expect(await house.state()).toMatchObject({ status: 'open', sizes: [reviewPage, reviewPage, reviewPage, 100] });
    const evidence = await house.evidence();
    if (isRejection(evidence)) throw new Error(evidence.message);
    const items = evidence.document['items'] as { grantId: string }[];
    expect(new Set(items.map(({ grantId }) => grantId)).size).toBe(3_100);
    expect(evidence.document).not.toHaveProperty('listing');
    expect(await house.start()).toEqual(started);
  });

  it('continues after a crash with the grants of the moment it began', async () => {
    for (const dieAfter of [1, 2, 3]) {
      for (const goOn of ['start', 'decide', 'close'] as const) {
        const house = tenantOf(3_100);
        house.control.dieAfter = dieAfter;
        await expect(house.start()).rejects.toThrow('The process died');
        expect(await house.state()).toMatchObject({ status: 'listing' });
        expect(await house.evidence()).toMatchObject({ code: 'identity.review-listing', status: 503 });
        // Meanwhile rights change, and people come and go; the list is that of the start.
        house.access(grantRevoked.of({ grantId: grantOf(3_050), holder: 'person', holderId: person(3_050), role: 'Staff', reason: 'R' })); // prettier-ignore
        house.access(holds(person(9_999), 'Staff', { grantId: grantOf(9_999) }));
        house.control.dieAfter = Infinity;
        const [first] = [...(await house.state()).pages[0]!.keys()];
        if (goOn === 'start') expect(await house.start()).toMatchObject({ version: 4 });
        if (goOn === 'decide') expect(await house.decide(first!, 'd')).toMatchObject({ version: 2 });
        if (goOn === 'close') expect(await house.close()).toMatchObject({ code: 'identity.review-incomplete' });
        const { status, pages } = await house.state();
        const listed = pages.flatMap((page) => [...page.values()].map(({ item }) => item.grantId));
        expect([status, listed.length, new Set(listed).size]).toEqual(['open', 3_100, 3_100]);
        expect(listed).toContain(grantOf(3_050));
        expect(listed).not.toContain(grantOf(9_999));
      }
    }
  });

  it('is closed by a retry after a crash between two revocations, each recorded for its own item', async () => {
    for (const dieAfter of [1, 2, 3, 4, 5]) {
      const house = tenantOf(3);
      await house.start();
      for (const item of (await house.state()).pages[0]!.keys()) {
        // The decision is recorded, and nothing follows from it yet.
        house.control.dieAfter = 1;
        await expect(house.decide(item, item)).rejects.toThrow('The process died');
      }
      house.control.dieAfter = dieAfter;
      await expect(house.close()).rejects.toThrow('The process died');
      house.control.dieAfter = Infinity;
      expect(isRejection(await house.close())).toBe(false);
      const { status, pages } = await house.state();
      expect([status, ...[...pages[0]!.values()].map((item) => item.status)]).toEqual([
        'closed',
        ...Array(3).fill('revoked'),
      ]);
    }
  });

  it('is listed once when two continue it at the same time', async () => {
    const house = tenantOf(3_100);
    house.control.dieAfter = 2;
    await expect(house.start()).rejects.toThrow();
    house.control.dieAfter = Infinity;
    house.control.uses = '2026-03-31T08:00:00.000Z';
    const [one, two] = await Promise.all([house.start(), house.start()]);
    expect(one).toEqual(two);
    expect(await house.state()).toMatchObject({ sizes: [reviewPage, reviewPage, reviewPage, 100] });
  });

  it('may have a single reviewer only if they hold no grant on any page', async () => {
    const alone = { reviewerIds: [kari] };
    expect(await tenantOf(2_100).start(alone)).toMatchObject({ version: 3 });
    expect(await tenantOf(2_100, kari).start(alone)).toMatchObject({ code: 'identity.second-reviewer-required' });
  });
});
