import { nameId } from '@daybook/kernel';
import type { QueryContext } from '@daybook/server';
import type { Pool } from 'pg';
import { accessRows, dayOf } from '../access/access-rows.js';
import { holdsOn } from '../conflict/violations.js';
import type { ApiKeys } from '../key/api-keys.js';
import { seenOf } from '../member/seen.js';
import { roleName } from '../role/role-permissions.js';
import type { ReviewItem } from './review.events.js';

export interface Listed {
  readonly listedAt: { readonly trail: string; readonly recordedAt: string | null };
  readonly items: ReviewItem[];
}

/** Every grant that holds now, and when its holder was last here: a person by sign-in or key, a service account by key. */
export async function listedGrants(
  reviewId: string,
  companyId: string | undefined,
  read: QueryContext,
  { pool, keys }: { readonly pool: Pool; readonly keys: ApiKeys },
): Promise<Listed> {
  const rows = await accessRows(read);
  const today = dayOf(read, false);
  const grants = [...rows.grants.values()].filter(
    (grant) => holdsOn(grant, today) && (companyId === undefined || grant.companyId === companyId),
  );
  const holders = [...new Set(grants.map(({ holderId }) => holderId))];
  const seen = await seenOf(pool, read.tenant, holders);
  const uses = await keys.lastUsesOf(read.tenant, holders);
  const lastUse = (holderId: string): string | null =>
    [seen.get(holderId)?.lastSeenAt ?? null, uses.get(holderId) ?? null]
      .filter((at) => at !== null)
      .sort()
      .at(-1) ?? null;
  return {
    listedAt: { trail: read.stamp.trail, recordedAt: read.stamp.recordedAt },
    items: grants.map(({ grantId, holder, holderId, role, companyId: where, party, until, givenAt, givenBy }) => ({
      itemId: nameId(reviewId, 'item', grantId),
      ...{ grantId, holder, holderId, role, roleName: roleName(role, rows) },
      ...{ companyId: where, party, since: givenAt, until, givenBy, lastUsedAt: lastUse(holderId) },
    })),
  };
}
