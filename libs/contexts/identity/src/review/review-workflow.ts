import { type CommandResult, isRejection, nameId, reject, type Rejection, streamName } from '@daybook/kernel';
import type { Caller, EventReader, PerformContext } from '@daybook/server';
import type * as z from 'zod';
import { servicesInCustodyOf } from '../access/key-custodians.js';
import { revokeGrant } from '../grant/grant.operations.js';
import type { Deps } from '../injected.js';
import { itemsOf, type LastUses, type ListedGrant, fullList } from './review-list.js';
import {
  itemOf,
  itemsIn,
  type Review,
  reviewDecider,
  reviewIsListing,
  type ReviewState,
  secondReviewerMissing,
} from './review.decider.js';
import { type ReviewEvent, reviewEvents, reviewListed, reviewStarted } from './review.events.js';
import {
  type decideReviewItem,
  endReview,
  listMore,
  mostReviewItems,
  openReview,
  recordReviewDecision,
  recordReviewRevocation,
  reviewPage,
  type startReview,
} from './review.operations.js';

type RequestContext = Pick<
  PerformContext,
  'caller' | 'newId' | 'commandId' | 'events' | 'execute' | 'executeAs' | 'read'
>;

/** Where the list comes from, and when its holders were last here. */
export type Sources = Deps<'tenantStates'> & LastUses;
type Started = z.infer<(typeof reviewStarted)['data']>;

export const reviewStream = (tenant: string, reviewId: string): string =>
  streamName('identity.review', tenant, reviewId);

const types: ReadonlySet<string> = new Set(reviewEvents.map(({ name }) => name));

/** As its stream tells; with `only`, as far as it tells of one item, which is a part of the work in a large review. */
export async function reviewIn(
  events: EventReader,
  tenant: string,
  reviewId: string,
  only?: string,
): Promise<ReviewState> {
  let state: ReviewState = reviewDecider.initial;
  for await (const event of events.stream(reviewStream(tenant, reviewId))) {
    if (!types.has(event.type)) continue;
    const { itemId } = event.data as { itemId?: string };
    if (only !== undefined && itemId !== undefined && itemId !== only) continue;
    state = reviewDecider.evolve(state, event as unknown as ReviewEvent, { revision: event.revision });
  }
  return state;
}

/** Reviewing is for people who answer for it by name. */
export const notPerson = ({ actor }: Caller): Rejection | null =>
  actor.kind === 'person'
    ? null
    : reject('identity.person-required', 'Only a person can review access, not a service account.', { status: 403 });

/**
 * Pins the list of this moment: the first page opens the review, further ones follow, each a step of its own. A repeat finds
 * the list that was pinned and goes on with it, whatever has changed since.
 */
export async function start(
  { name, dueOn, reviewerIds, companyId }: z.output<(typeof startReview)['input']>,
  asking: RequestContext,
  deps: Sources,
): Promise<CommandResult | Rejection> {
  const { caller, events, newId: reviewId } = asking;
  const { members } = await deps.tenantStates.current(caller.tenant);
  const strangers = (reviewerIds ?? []).filter((personId) => members.get(personId)?.status !== 'active');
  if (strangers.length > 0) {
    return reject('identity.member-not-found', 'Every reviewer must be an active member.', {
      status: 404,
      details: { reviewerIds: strangers },
    });
  }
  const before = await listedSoFar(events, caller.tenant, reviewId);
  const read = before === null ? await readNow(companyId ?? null, asking) : null;
  const first = read ? await firstPage(reviewId, reviewerIds ?? null, read, caller.tenant, deps) : before!.started;
  if (isRejection(first)) return first;
  const { listedAt, items, listing } = first;
  const of = { reviewId, name, dueOn, reviewerIds: reviewerIds ?? null };
  const opened = await asking.execute(openReview, { ...of, listedAt, items, ...(listing ? { listing } : {}) });
  if (isRejection(opened) || !listing) return opened;
  const listed = await listRest(reviewId, asking, deps, read?.grants);
  return isRejection(listed) ? listed : { ...listed, id: reviewId };
}

/** The list of this moment: of the position that the read models stand at, whose trail number the review names. */
async function readNow(companyId: string | null, { caller, events, read }: RequestContext) {
  const { stamp, position } = await read(async (now) => ({ stamp: now.stamp, position: now.position }));
  const day = new Date().toISOString().slice(0, 10);
  return { stamp, ...(await fullList(events, caller.tenant, { companyId, day, upTo: { position } })) };
}

async function firstPage(
  reviewId: string,
  reviewerIds: readonly string[] | null,
  { stamp, grants, listing }: Awaited<ReturnType<typeof readNow>>,
  tenant: string,
  deps: Sources,
): Promise<Pick<Started, 'listedAt' | 'items' | 'listing'> | Rejection> {
  if (grants.length > mostReviewItems) {
    return reject(
      'identity.review-too-large',
      `${grants.length} grants are too many for one review, which takes up to ${mostReviewItems}. Review one company at a time.`,
    );
  }
  return (
    secondReviewerMissing(reviewerIds, grants, await ownOf(reviewerIds, tenant, deps)) ?? {
      listedAt: { trail: stamp.trail, recordedAt: stamp.recordedAt },
      items: await itemsOf(reviewId, tenant, grants.slice(0, reviewPage), deps),
      ...(grants.length > reviewPage ? { listing } : {}),
    }
  );
}

/** The service accounts behind which the reviewers stand. */
async function ownOf(
  reviewerIds: readonly string[] | null,
  tenant: string,
  { tenantStates }: Sources,
): Promise<string[]> {
  const here = await tenantStates.current(tenant);
  return (reviewerIds ?? []).flatMap((personId) => servicesInCustodyOf(personId, here));
}

/** How far the list has come; null before the review is started. Nothing but pages stands before the last of them. */
interface Listed {
  readonly started: Started;
  /** Items on the pages that are there. */
  readonly listed: number;
  /** What the step of the last page answered. */
  readonly last: CommandResult;
}
async function listedSoFar(events: EventReader, tenant: string, reviewId: string): Promise<Listed | null> {
  let found = null as Listed | null;
  for await (const { type, data, position } of events.stream(reviewStream(tenant, reviewId))) {
    if (type !== reviewStarted.name && type !== reviewListed.name) break;
    const page = data as Pick<Started, 'items'>;
    found = {
      started: found?.started ?? (data as Started),
      listed: (found?.listed ?? 0) + page.items.length,
      last: { id: reviewId, version: (found?.last.version ?? 0) + 1, position: String(position) },
    };
  }
  return found;
}

/** Lists the pages that are missing. Each has an id that follows from where it begins, so two who do it list nothing twice. */
async function listRest(
  reviewId: string,
  asking: RequestContext,
  deps: Sources,
  known?: readonly ListedGrant[],
): Promise<CommandResult | Rejection> {
  const { events, caller } = asking;
  const found = await listedSoFar(events, caller.tenant, reviewId);
  if (found === null) return reject('identity.review-not-found', 'There is no such access review.', { status: 404 });
  const { listing } = found.started;
  if (!listing || found.listed >= listing.total) return found.last;
  const again = () => fullList(events, caller.tenant, { ...listing, upTo: { revision: listing.revision } });
  const grants = known ?? (await again()).grants;
  let { last } = found;
  for (let from = found.listed; from < grants.length; from += reviewPage) {
    const items = await itemsOf(reviewId, caller.tenant, grants.slice(from, from + reviewPage), deps);
    const once = { commandId: nameId(reviewId, 'list', String(from)), expectedVersion: null };
    const listed = await asking.executeAs(caller, listMore, { reviewId, items }, once);
    if (isRejection(listed)) {
      // Somebody else listed this page at the same moment; its last uses may be others.
      const done = ['platform.idempotency-key-reused', 'identity.review-page-exists'].includes(listed.code);
      return done ? listRest(reviewId, asking, deps) : listed;
    }
    last = listed;
  }
  return last;
}

/**
 * The decision first, then what follows from it. If the program stops in between, the item stands as being revoked, and
 * whoever decides it again or closes the review finishes it: the revocation has an id that follows from the item.
 */
export async function decideItem(
  input: z.output<(typeof decideReviewItem)['input']>,
  asking: RequestContext,
  deps: Sources,
): Promise<CommandResult | Rejection> {
  const wrong = notPerson(asking.caller);
  if (wrong) return wrong;
  const { reviewId, itemId } = input;
  const once = { commandId: nameId(asking.commandId, recordReviewDecision.name), expectedVersion: null };
  const record = () => asking.executeAs(asking.caller, recordReviewDecision, input, once);
  let decided = await record();
  if (isRejection(decided) && decided.code === reviewIsListing().code) {
    const listed = await listRest(reviewId, asking, deps);
    decided = isRejection(listed) ? listed : await record();
  }
  if (isRejection(decided) || input.decision === 'keep') return decided;
  const review = await reviewIn(asking.events, asking.caller.tenant, reviewId, itemId);
  return review.status === 'absent' ? decided : revoke(review, itemId, decided, asking);
}

/** Finishes what was begun, list and revocations, then closes; answers what is left when something is. */
export async function close(
  reviewId: string,
  asking: RequestContext,
  deps: Sources,
): Promise<CommandResult | Rejection> {
  const wrong = notPerson(asking.caller);
  if (wrong) return wrong;
  const { tenant } = asking.caller;
  let review = await reviewIn(asking.events, tenant, reviewId);
  if (review.status === 'listing') {
    const listed = await listRest(reviewId, asking, deps);
    if (isRejection(listed)) return listed;
    review = await reviewIn(asking.events, tenant, reviewId);
  }
  if (review.status === 'open') {
    for (const { item, status } of itemsIn(review)) {
      if (status !== 'revoking') continue;
      const done = await revoke(review, item.itemId, null, asking);
      if (isRejection(done)) return done;
    }
  }
  return asking.execute(endReview, { reviewId });
}

/** Takes the grant away and records what became of it; a refusal (the last Admin) is the answer, and the item open again. */
async function revoke<R extends CommandResult | null>(
  review: Review,
  itemId: string,
  decided: R,
  asking: RequestContext,
): Promise<R | CommandResult | Rejection> {
  const { reviewId, name } = review;
  const known = itemOf(review, itemId);
  if (known?.status !== 'revoking') return decided;
  const input = { grantId: known.item.grantId, reason: `Access review: ${name}` };
  const once = { commandId: nameId(reviewId, 'revoke', itemId), expectedVersion: null };
  const revoked = await asking.executeAs(asking.caller, revokeGrant, input, once);
  if (isRejection(revoked) && revoked.status === 503) return revoked;
  const gone = isRejection(revoked) && revoked.code === 'identity.grant-not-found';
  const outcome = !isRejection(revoked) ? 'revoked' : gone ? 'already-revoked' : 'refused';
  const { code, message } = isRejection(revoked) && !gone ? revoked : { code: '', message: '' };
  const settled = await asking.execute(recordReviewRevocation, { reviewId, itemId, outcome, code, message }, itemId);
  // Somebody who decided at the same moment has recorded it already.
  if (isRejection(settled) && settled.code !== 'identity.review-item-settled') return settled;
  if (isRejection(revoked) && !gone) return revoked;
  return isRejection(settled) ? decided : settled;
}
