import { type CommandOperation, isRejection, nameId, type NewEvent, type RecordedEvent } from '@daybook/kernel';
import type { EventReader } from '@daybook/server';
import { tenantStream } from '../access/tenant-state-cache.js';
import { grantRevoked } from '../grant/grant.events.js';
import { type TenantState, noTenantYet } from '../tenant/tenant.state.js';
import { holds, tenantId } from '../tenant/testing/given.js';
import { ReviewFactsSource } from './review-facts.js';
import { reviewDecider, type ReviewState } from './review.decider.js';
import type { ReviewEvent } from './review.events.js';
import { reviewPage, startReview } from './review.operations.js';
import { type ReviewCommand } from './review.internal.js';
import { listMore } from './review.internal.js';

const reviewId = '0190a1b2-0000-7000-8000-0000000000e1';
const person = (n: number): string => `0190a1b2-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
const grantOf = (n: number): string => `0190a1b2-0000-7000-9000-${n.toString(16).padStart(12, '0')}`;
const kari = person(90_001);

/** A tenant in which that many hold one role each, in memory. */
function tenantOf(people: number, last = person(people)) {
  const recorded: RecordedEvent[] = [];
  const append = (event: NewEvent): void => {
    const [revision, position] = [recorded.length, BigInt(recorded.length + 1)];
    const recordedAt = '2026-03-31T12:00:00.000Z';
    const meta = { actor: { kind: 'person', id: kari } };
    recorded.push({ ...event, id: nameId(reviewId, String(revision)), version: 1, stream: '', revision, position, recordedAt, meta } as unknown as RecordedEvent); // prettier-ignore
  };
  for (let n = 1; n <= people; n++) append(holds(n === people ? last : person(n), 'Staff', { grantId: grantOf(n) }));
  let reads = 0;
  const events: EventReader = {
    stream: async function* (stream) {
      expect(stream).toBe(tenantStream(tenantId));
      reads += 1;
      yield* [...recorded];
    },
  };
  const kariHere = { personId: kari, status: 'active', custom: null, version: 1 } as const;
  const here: TenantState = { ...noTenantYet, members: new Map([[kari, kariHere]]) };
  const stamp = { trail: '41', position: String(people), recordedAt: '2026-03-31T12:00:00.000Z' };
  const read = async (_: string, work: (now: object) => unknown) => work({ stamp, position: BigInt(people) });
  const companies = { has: async () => true };
  const tenantStates = { current: async () => here };
  const source = new ReviewFactsSource({ companies, events, read, tenantStates } as never, async () => []);
  let state: ReviewState = reviewDecider.initial;
  const decide = async ({ name }: CommandOperation, input: object): Promise<string> => {
    const command = { name, input } as ReviewCommand;
    const list = command.name === 'identity.review.start' ? await source.first(tenantId, command.input) : null;
    if (isRejection(list)) return list.code;
    const facts = list ? { number: '2026-1', list } : await source.next(tenantId, state);
    const context = { now: '2026-03-31T12:00:00.000Z', tenant: tenantId, actor: kari, commandId: reviewId, newId: reviewId, expectedVersion: null, reason: null }; // prettier-ignore
    const decision = reviewDecider.decide(command, state, context, facts);
    if (isRejection(decision)) return decision.code;
    for (const event of decision.events as ReviewEvent[]) state = reviewDecider.evolve(state, event, { revision: 0 });
    return 'accepted';
  };
  return {
    append,
    reads: () => reads,
    start: (more: object = {}) => decide(startReview, { name: 'Review of 2026', dueOn: '2099-12-31', ...more }),
    next: () => decide(listMore, { reviewId }),
    review: () => {
      if (state.status === 'absent') throw new Error('There is no review');
      const listed = state.pages.flatMap((page) => [...page.values()].map(({ item }) => item.grantId));
      return { status: state.status, sizes: state.pages.map(({ size }) => size), listed };
    },
  };
}

describe('the list of an access review of 3,000 employees', () => {
  it('has every grant once, page by page, and is read in full twice however many pages it has', async () => {
    const house = tenantOf(3_100);
    expect(await house.start()).toBe('accepted');
    expect(house.review()).toMatchObject({ status: 'listing', sizes: [reviewPage] });
    for (let page = 2; page <= 4; page++) expect(await house.next()).toBe('accepted');
    const { status, sizes, listed } = house.review();
    expect([status, sizes, new Set(listed).size]).toEqual(['open', [reviewPage, reviewPage, reviewPage, 100], 3_100]);
    expect(await house.next()).toBe('identity.review-page-exists');
    expect(house.reads()).toBe(2);
  });

  it('is that of the moment it began, whatever happens meanwhile', async () => {
    const house = tenantOf(1_100);
    await house.start();
    house.append(grantRevoked.of({ grantId: grantOf(1_050), holder: 'person', holderId: person(1_050), role: 'Staff', reason: 'R' })); // prettier-ignore
    house.append(holds(person(9_999), 'Staff', { grantId: grantOf(9_999) }));
    await house.next();
    const { status, listed } = house.review();
    expect([status, listed.length]).toEqual(['open', 1_100]);
    expect(listed).toContain(grantOf(1_050));
    expect(listed).not.toContain(grantOf(9_999));
  });

  it('may have a single reviewer only if they hold no grant on any page', async () => {
    const alone = { reviewerIds: [kari] };
    expect(await tenantOf(2_100).start(alone)).toBe('accepted');
    expect(await tenantOf(2_100, kari).start(alone)).toBe('identity.second-reviewer-required');
    expect(await tenantOf(10).start({ reviewerIds: [person(1)] })).toBe('identity.member-not-found');
  });
});
