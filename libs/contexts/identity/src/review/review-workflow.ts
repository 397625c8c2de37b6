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

/** Sources of the list and of the last activity of holders. */
export type Sources = Deps<'tenantStates'> & LastUses;
type Started = z.infer<(typeof reviewStarted)['data']>;

export const reviewStream = (tenant: string, reviewId: string): string =>
  streamName('identity.review', tenant, reviewId);

const types: ReadonlySet<string> = new Set(reviewEvents.map(({ name }) => name));

/** The review, folded from its stream; with `only`, without decisions on other items, which is faster in a large review. */
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

/** Reviews are decided by people, who are accountable by name. */
export const notPerson = ({ actor }: Caller): Rejection | null =>
  actor.kind === 'person'
    ? null
    : reject('identity.person-required', 'Only a person can review access, not a service account.', { status: 403 });

/**
 * Fixes the list of this moment: the first page opens the review, and each further page is a command of its own. A retry
 * continues with the fixed list, whatever has changed since (idempotency).
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

/** The list at the current position of the read models, whose trail number the review records. */
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

/** The service accounts that the reviewers control. */
async function ownOf(
  reviewerIds: readonly string[] | null,
  tenant: string,
  { tenantStates }: Sources,
): Promise<string[]> {
  const here = await tenantStates.current(tenant);
  return (reviewerIds ?? []).flatMap((personId) => servicesInCustodyOf(personId, here));
}

/** The progress of the list; null before the review starts. The stream contains only pages until the last one. */
interface Listed {
  readonly started: Started;
  /** Items on the recorded pages. */
  readonly listed: number;
  /** The result of the last page. */
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

/** Lists the missing pages. The command id of each is derived from its offset, so concurrent callers list nothing twice. */
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
      // A concurrent request listed this page, perhaps with other last uses.
      const done = ['platform.idempotency-key-reused', 'identity.review-page-exists'].includes(listed.code);
      return done ? listRest(reviewId, asking, deps) : listed;
    }
    last = listed;
  }
  return last;
}

/**
 * Records the decision, then carries it out. After a crash in between, the item is `revoking`, and deciding it again or
 * closing the review finishes it: the command id of the revocation is derived from the item.
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

/** Finishes the list and pending revocations, then closes; rejects while items are undecided. */
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

/** Revokes the grant and records the outcome. A refusal (the last Admin) is returned, and the item is undecided again. */
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
  // A concurrent request has already recorded it.
  if (isRejection(settled) && settled.code !== 'identity.review-item-settled') return settled;
  if (isRejection(revoked) && !gone) return revoked;
  return isRejection(settled) ? decided : settled;
}
