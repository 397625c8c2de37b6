import { type InputOf, reject, type Rejection, streamName } from '@daybook/kernel';
import type { Caller } from '@daybook/server';
import { servicesInCustodyOf } from '../access/key-custodians.js';
import type { Deps } from '../injected.js';
import type { TenantState } from '../tenant/tenant.state.js';
import { companyNotFound } from '../tenant/check-grant.js';
import { companyExists } from '../tenant/decided.js';
import { type FullList, fullList, type LastUses, lastUsesIn, withLastUses } from './review-list.js';
import { itemsIn, type ListFacts, type ReviewState, type WhoFacts } from './review.decider.js';
import { reviewPage, type startReview } from './review.operations.js';

export const reviewStream = (tenant: string, reviewId: string): string =>
  streamName('identity.review', tenant, reviewId);

type Start = InputOf<typeof startReview>;

/** What decisions on a review need from elsewhere: who counts as the reviewer, and the grants to list. */
export class ReviewFactsSource {
  /** The list read last: a large one is listed page by page. */
  private last: { readonly of: string; readonly list: Promise<FullList> } | null = null;

  constructor(
    private readonly deps: Deps<'companies' | 'em' | 'events' | 'read' | 'tenantStates'>,
    private readonly uses: LastUses = lastUsesIn(deps),
  ) {}

  /** Only a person decides on a review. */
  async who({ tenant, actor, onBehalfOf }: Caller): Promise<WhoFacts | Rejection> {
    if (actor.kind !== 'person') return notPerson();
    const ids = [actor.id, ...(onBehalfOf ? [onBehalfOf.id] : [])];
    return {
      reviewer: (onBehalfOf ?? actor).id,
      persons: withServices(ids, await this.deps.tenantStates.current(tenant)),
    };
  }

  /** The grants at the position of the read models, whose trail number the review records. */
  async first(tenant: string, { reviewerIds, companyId }: Start): Promise<ListFacts | Rejection> {
    const { companies, tenantStates } = this.deps;
    const [here, exists] = await Promise.all([
      tenantStates.current(tenant),
      companyExists(companies, tenant, { companyId }),
    ]);
    const strangers = (reviewerIds ?? []).filter((id) => here.members.get(id)?.status !== 'active');
    if (strangers.length > 0) return notMembers(strangers);
    if (!exists) return companyNotFound();
    const { stamp, position } = await this.deps.read(tenant, async (now) => ({
      stamp: now.stamp,
      position: now.position,
    }));
    const day = new Date().toISOString().slice(0, 10);
    const { grants, listing } = await fullList(this.deps.events, tenant, {
      companyId: companyId ?? null,
      day,
      upTo: { position },
    });
    const [only, second] = reviewerIds ?? [];
    const own = new Set(only === undefined || second !== undefined ? [] : withServices([only], here));
    return {
      page: await this.page(tenant, grants, 0),
      listing,
      listedAt: { trail: stamp.trail, recordedAt: stamp.recordedAt },
      isOnlyReviewersOwn: grants.some(({ holderId }) => own.has(holderId)),
    };
  }

  /** What comes after the grants on the pages so far, as of the same moment. */
  async next(tenant: string, review: ReviewState): Promise<ListFacts['page']> {
    if (review.status !== 'listing' || review.listing === null) return [];
    const { reviewId, listing } = review;
    if (this.last?.of !== reviewId) {
      this.last = {
        of: reviewId,
        list: fullList(this.deps.events, tenant, { ...listing, upTo: { revision: listing.revision } }),
      };
    }
    const [{ grants }, from] = [await this.last.list, itemsIn(review).length];
    if (from + reviewPage >= grants.length) this.last = null;
    return this.page(tenant, grants, from);
  }

  private page(tenant: string, grants: FullList['grants'], from: number) {
    return withLastUses(tenant, grants.slice(from, from + reviewPage), this.uses);
  }
}

/** People with the service accounts that they control, which count as theirs. */
const withServices = (ids: readonly string[], here: TenantState): string[] => [
  ...ids,
  ...ids.flatMap((id) => servicesInCustodyOf(id, here)),
];

const notPerson = (): Rejection =>
  reject('identity.person-required', 'Only a person can review access, not a service account.', { status: 403 });
const notMembers = (reviewerIds: readonly string[]): Rejection =>
  reject('identity.member-not-found', 'Every reviewer must be an active member.', {
    status: 404,
    details: { reviewerIds },
  });
