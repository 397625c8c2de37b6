import { nameId } from '@daybook/kernel';
import type { EventReader } from '@daybook/server';
import { tenantStream } from '../access/tenant-state-cache.js';
import { holdsOn } from '../segregation-of-duties/sod-violations.js';
import { inFields } from '../grant/party.schema.js';
import type { Grant } from '../tenant/tenant.state.js';
import type { TenantEvent } from '../tenant/tenant.stream.js';
import type { LastActivity } from '../member/last-activity.js';
import type { ReviewItem, ReviewListing } from './review.events.js';

/*
 * The grants that a review lists, read from the tenant's stream up to one revision: a retry that continues a list finds the
 * same grants in the same order, whatever has been given and revoked since.
 */
type Given = Grant & { readonly since: string; readonly givenBy: string };
export type ListedGrant = Given & { readonly roleName: string };
export interface FullList {
  readonly grants: readonly ListedGrant[];
  readonly listing: ReviewListing;
}

/** `upTo`: a revision, or the position of the read model. */
export async function fullList(
  events: EventReader,
  tenant: string,
  {
    companyId,
    day,
    upTo,
  }: Pick<ReviewListing, 'companyId' | 'day'> & { upTo: { revision: number } | { position: bigint } },
): Promise<FullList> {
  const grants = new Map<string, Given>();
  const names = new Map<string, string>();
  let revision = -1;
  for await (const recorded of events.stream(tenantStream(tenant))) {
    if ('revision' in upTo ? recorded.revision > upTo.revision : recorded.position > upTo.position) break;
    revision = recorded.revision;
    const event = recorded as unknown as TenantEvent;
    const by = { since: recorded.recordedAt, givenBy: recorded.meta.actor.id };
    switch (event.type) {
      case 'identity.grant-given':
        {
          const { invitedBy = by.givenBy, ...grant } = event.data;
          grants.set(grant.grantId, { ...grant, since: by.since, givenBy: invitedBy });
        }
        break;
      case 'identity.grant-revoked':
        grants.delete(event.data.grantId);
        break;
      case 'identity.role-defined':
      case 'identity.role-redefined':
        names.set(event.data.roleId, event.data.name);
        break;
      default:
      // Other events of the tenant give no role.
    }
  }
  const listed = [...grants.values()]
    .filter((grant) => holdsOn(grant, day) && (companyId === null || grant.companyId === companyId))
    .map((grant) => ({ ...grant, roleName: names.get(grant.role) ?? grant.role }));
  return { grants: listed, listing: { total: listed.length, revision, day, companyId } };
}

/** Current last activity of holders, by sign-in and by API key, from the plain tables. */
export interface LastUses {
  lastActivity(
    tenant: string,
    holderIds: readonly string[],
  ): Promise<ReadonlyMap<string, Pick<LastActivity, 'lastSeenAt'>>>;
  uses(tenant: string, holderIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** A page of items with the last use of each holder: a person by sign-in or API key, a service account by API key. */
export async function itemsOf(
  reviewId: string,
  tenant: string,
  grants: readonly ListedGrant[],
  { lastActivity, uses }: LastUses,
): Promise<ReviewItem[]> {
  const holders = [...new Set(grants.map(({ holderId }) => holderId))];
  const [here, keys] = [await lastActivity(tenant, holders), await uses(tenant, holders)];
  const lastUse = (holderId: string): string | null =>
    [here.get(holderId)?.lastSeenAt ?? null, keys.get(holderId) ?? null]
      .filter((at) => at !== null)
      .sort()
      .at(-1) ?? null;
  return grants.map(({ mitigation: _, party, ...grant }) => ({
    ...grant,
    ...inFields(party),
    itemId: nameId(reviewId, 'item', grant.grantId),
    lastUsedAt: lastUse(grant.holderId),
  }));
}
