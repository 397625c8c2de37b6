import { isEventOf } from '@daybook/kernel';
import { inOneTrip } from '@daybook/postgres';
import type { EventReader } from '@daybook/server';
import { tenantStream } from '../access/tenant-state-cache.js';
import { holdsOn } from '../segregation-of-duties/sod-violations.js';
import { inFields } from '../grant/party.schema.js';
import type { Grant } from '../tenant/tenant.state.js';
import { tenantEvents } from '../tenant/tenant.stream.js';
import type { Deps } from '../injected.js';
import { keyUses, lastOf } from '../api-key/api-keys.js';
import { activityOf, lastActivity } from '../member/last-activity.js';
import type { ReviewGrant, ReviewListing } from './review.events.js';

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
  for await (const event of events.stream(tenantStream(tenant))) {
    if ('revision' in upTo ? event.revision > upTo.revision : event.position > upTo.position) break;
    revision = event.revision;
    if (!isEventOf(tenantEvents, event)) continue;
    const by = { since: event.recordedAt, givenBy: event.meta.actor.id };
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
        if (event.data.name !== undefined) names.set(event.data.roleId, event.data.name);
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

/** When holders were last active, by sign-in and by API key: from the plain tables, as of now. */
export type LastUses = (
  tenant: string,
  holderIds: readonly string[],
) => Promise<readonly ReadonlyMap<string, string | null>[]>;
export const lastUsesIn =
  ({ em }: Deps<'em'>): LastUses =>
  async (tenant, ids) => {
    const [seen, used] = await inOneTrip(em.getKysely<object>(), lastActivity(tenant, ids), keyUses(tenant, ids));
    return [new Map([...activityOf(seen)].map(([id, { lastSeenAt }]) => [id, lastSeenAt])), lastOf('holderId', used)];
  };

/** Grants with the last use of each holder: a person by sign-in or API key, a service account by API key. */
export async function withLastUses(
  tenant: string,
  grants: readonly ListedGrant[],
  of: LastUses,
): Promise<ReviewGrant[]> {
  const holders = [...new Set(grants.map(({ holderId }) => holderId))];
  const uses = await of(tenant, holders);
  const lastUse = (holderId: string): string | null =>
    uses
      .flatMap((one) => one.get(holderId) ?? [])
      .sort()
      .at(-1) ?? null;
  return grants.map(({ mitigation: _, party, ...grant }) => ({
    ...grant,
    ...inFields(party),
    lastUsedAt: lastUse(grant.holderId),
  }));
}
