import { inOneTrip } from '@daybook/projections';
import { answer, type QueryContext, taggedAs } from '@daybook/server';
import { Bindings } from '@daybook/server/dispatch/bindings';
import { sql } from 'kysely';
import type * as z from 'zod';
import { shownOf, shownStatements } from '../access/memberships.js';
import { listServices } from '../service/service.operations.js';
import type { ApiKeyHolder } from './api-key.events.js';
import { type apiKeyRow, type listedApiKey, listApiKeys, listOwnApiKeys } from './api-key.operations.js';
import { apiKeyTable, serviceTable } from './api-key.projection.js';
import { keyUses, lastOf } from './api-keys.js';

type Row = z.infer<typeof apiKeyRow> & { readonly serviceName: string | null; readonly holderDeactivated: boolean };
interface Wanted {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly holder?: ApiKeyHolder | undefined;
  readonly holderId?: string | undefined;
}

/** Newest first: key ids are UUIDv7, ordered by time. */
async function list({ limit, cursor, ...filters }: Wanted, read: QueryContext) {
  // When keys were last used, and which have expired.
  read.asksMore();
  const page = await read.page<Row>(
    { limit, cursor },
    filters,
    (row) => [row.keyId],
    (after, count) =>
      read.db
        .selectFrom(read.rows(apiKeyTable).as('k'))
        .leftJoin(read.rows(serviceTable).as('s'), 's.serviceId', 'k.holderId')
        .selectAll('k')
        .select('s.name as serviceName')
        .$if(filters.holder !== undefined, (q) => q.where('k.holder', '=', filters.holder as ApiKeyHolder))
        .$if(filters.holderId !== undefined, (q) => q.where('k.holderId', '=', filters.holderId as string))
        .$if(after !== null, (q) => q.where('k.keyId', '<', String(after?.[0])))
        .orderBy('k.keyId', 'desc')
        .limit(count)
        .execute(),
  );
  const people = page.items.flatMap(({ holder, holderId }) => (holder === 'person' ? [holderId] : []));
  const keyIds = page.items.map(({ keyId }) => keyId);
  const [uses, ...named] = await inOneTrip(read.db, keyUses(read.tenant, keyIds), ...shownStatements(read, people));
  const names = new Map(shownOf(...named).map(({ id, name }) => [id, name]));
  return { ...page, items: page.items.map((row) => shown(row, names, lastOf('keyId', uses), Date.now())) };
}

export const apiKeyAnswers = [
  answer(listApiKeys, list),
  answer(listOwnApiKeys, (page, read) => list({ ...page, holder: 'person', holderId: read.caller.actor.id }, read)),
  answer(listServices, { bindings: Bindings }, ({ limit, cursor, ...input }, read, { bindings }) => {
    const { status } = input;
    const of = { type: 'identity.service', id: sql<string>`s."serviceId"::text` };
    const tagged = taggedAs(bindings.recordTags, of, input, read);
    return read.page(
      { limit, cursor },
      input,
      (row) => [row.name, row.serviceId],
      (after, count) =>
        read.db
          .selectFrom(read.rows(serviceTable).as('s'))
          .select(['s.serviceId', 's.name', 's.description', 's.status', 's.createdAt', 's.version'])
          .$if(status !== undefined, (q) => q.where('s.status', '=', status as 'active'))
          .where(({ and }) => and(tagged))
          .$if(after !== null, (q) => q.where(sql<boolean>`(s.name, s."serviceId") > (${after?.[0]}, ${after?.[1]})`))
          .orderBy('s.name')
          .orderBy('s.serviceId')
          .limit(count)
          .execute(),
    );
  }),
];

function shown(
  { serviceName, holderDeactivated, ...row }: Row,
  names: ReadonlyMap<string, string | null>,
  uses: ReadonlyMap<string, string>,
  now: number,
): z.infer<typeof listedApiKey> {
  const { keyId, name, prefix, holder, holderId, scopes, until, addresses, issuedAt, issuedBy } = row;
  const { revokedAt, revokedReason, version } = row;
  const expires = Date.parse(until) <= now ? 'expired' : 'active';
  const status = revokedAt ? 'revoked' : holderDeactivated ? 'holder-deactivated' : expires;
  return {
    ...{ keyId, name, prefix, holder, holderId, scopes, until, addresses, issuedAt, issuedBy },
    ...{ revokedAt, revokedReason, version, status },
    holderName: holder === 'service' ? serviceName : (names.get(holderId) ?? null),
    lastUsedAt: uses.get(keyId) ?? null,
  };
}
