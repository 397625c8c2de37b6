import { isRejection, reject } from '@daybook/kernel';
import { answer, type QueryContext, taggedAs } from '@daybook/server';
import { Bindings } from '@daybook/server/dispatch/bindings';
import type { EngineColumns, RowOf } from '@daybook/projections';
import { sql } from 'kysely';
import type * as z from 'zod';
import { dayOf } from '../access/access-rows.js';
import { servicesInCustodyOf } from '../access/key-custodians.js';
import { deps } from '../injected.js';
import { listActors } from '../actor/actor.operations.js';
import { serviceTable } from '../api-key/api-key.projection.js';
import { evidenceOf, idsIn } from './review-evidence.js';
import {
  type listedReview,
  type listedReviewItem,
  listReviewItems,
  listReviews,
  readReview,
  readReviewEvidence,
  type reviewRow,
} from './review.operations.js';
import { reviewItemTable, reviewTable } from './review.projection.js';

type Counted = z.infer<typeof reviewRow> &
  Pick<z.infer<typeof listedReview>, 'items' | 'left' | 'revoking' | 'kept' | 'revoked'>;
type ItemState = z.infer<typeof listedReviewItem>['state'];
type ItemRow = RowOf<typeof reviewItemTable> & EngineColumns & { readonly state: ItemState };
type Names = ReadonlyMap<string, string | null>;

/** Current names of actors and holders in the tenant. */
async function namesIn(read: QueryContext): Promise<Names> {
  const [actors, services] = await Promise.all([
    read.ask(listActors, {}),
    read.db.selectFrom(read.rows(serviceTable).as('s')).select(['s.serviceId as id', 's.name']).execute(),
  ]);
  return new Map([...(isRejection(actors) ? [] : actors.items), ...services].map(({ id, name }) => [id, name]));
}

const done = sql`i.revocation in ('revoked', 'already-revoked')`;

const counted = (read: QueryContext) =>
  read.db
    .selectFrom(read.rows(reviewTable).as('r'))
    .innerJoin(read.rows(reviewItemTable).as('i'), 'i.reviewId', 'r.reviewId')
    .select([
      'r.reviewId',
      'r.number',
      'r.name',
      'r.dueOn',
      'r.reviewerIds',
      'r.startedAt',
      'r.startedBy',
      'r.listedTrail',
    ])
    .select(['r.closedAt', 'r.closedBy', 'r.total', 'r.version'])
    .select([
      sql<number>`count(*)::int`.as('items'),
      sql<number>`(count(*) filter (where i.decision = 'keep'))::int`.as('kept'),
      sql<number>`(count(*) filter (where ${done}))::int`.as('revoked'),
      sql<number>`(count(*) filter (where not coalesce(i.decision = 'keep' or ${done}, false)))::int`.as('left'),
      sql<number>`(count(*) filter (where i.decision = 'revoke' and not coalesce(${done}, false)))::int`.as('revoking'),
    ])
    .groupBy([
      'r.reviewId',
      'r.number',
      'r.name',
      'r.dueOn',
      'r.reviewerIds',
      'r.startedAt',
      'r.startedBy',
      'r.listedTrail',
    ])
    .groupBy(['r.closedAt', 'r.closedBy', 'r.total', 'r.version']);

const statusOf = ({ closedAt, items, total, dueOn }: Counted, today: string) => {
  if (closedAt !== null) return 'closed';
  if (items < total) return 'listing';
  return dueOn < today ? 'overdue' : 'open';
};

const shown = (row: Counted, names: Names, today: string): z.infer<typeof listedReview> => ({
  ...row,
  status: statusOf(row, today),
  startedByName: names.get(row.startedBy) ?? null,
});

/** Items of one review with their state; undecided ones are overdue after the due date until the review is closed. */
const itemsOf = (reviewId: string, today: string, read: QueryContext) =>
  read.db
    .selectFrom(read.rows(reviewItemTable).as('i'))
    .innerJoin(read.rows(reviewTable).as('r'), 'r.reviewId', 'i.reviewId')
    .where('i.reviewId', '=', reviewId)
    .selectAll('i')
    .select(
      sql<ItemState>`case when ${done} then 'revoked' when i.decision = 'revoke' then 'revoking'
        when i.decision = 'keep' then 'kept' when r."dueOn" < ${today}::date and r."closedAt" is null then 'overdue'
        else 'undecided' end`.as('state'),
    );

const missing = () => reject('identity.review-not-found', 'There is no such access review.', { status: 404 });

export const reviewAnswers = [
  answer(listReviews, { bindings: Bindings }, async ({ limit, cursor, ...input }, read, { bindings }) => {
    const of = { type: 'identity.review', id: sql<string>`r."reviewId"::text` };
    const tagged = taggedAs(bindings.recordTags, of, input, read);
    const page = await read.page<Counted>(
      { limit, cursor },
      input,
      (row) => [row.startedAt, row.reviewId],
      (after, count) =>
        counted(read)
          .where(({ and }) => and(tagged))
          .$if(after !== null, (q) =>
            q.where(sql<boolean>`(r."startedAt", r."reviewId") < (${after?.[0]}::timestamptz, ${after?.[1]}::uuid)`),
          )
          .orderBy('r.startedAt', 'desc')
          .orderBy('r.reviewId', 'desc')
          .limit(count)
          .execute(),
    );
    const [names, today] = [await namesIn(read), dayOf(read, read.past)];
    return { ...page, items: page.items.map((row) => shown(row, names, today)) };
  }),
  answer(readReview, async ({ reviewId }, read) => {
    const row = await counted(read).where('r.reviewId', '=', reviewId).executeTakeFirst();
    return row ? shown(row, await namesIn(read), dayOf(read, read.past)) : missing();
  }),
  answer(
    listReviewItems,
    deps('tenantStates'),
    async ({ reviewId, limit, cursor, ...filters }, read, { tenantStates }) => {
      const reviews = read.db.selectFrom(read.rows(reviewTable).as('r')).select('r.reviewId');
      const [review, names] = await Promise.all([
        reviews.where('r.reviewId', '=', reviewId).executeTakeFirst(),
        namesIn(read),
      ]);
      if (!review) return missing();
      const page = await read.page<ItemRow>(
        { limit, cursor },
        { reviewId, ...filters },
        (row) => [row.holderId, row.itemId],
        (after, count) =>
          read.db
            .selectFrom(itemsOf(reviewId, dayOf(read, read.past), read).as('i'))
            .selectAll('i')
            .$if(filters.state !== undefined, (q) => q.where('i.state', '=', filters.state as ItemState))
            .$if(filters.holderId !== undefined, (q) => q.where('i.holderId', '=', String(filters.holderId)))
            .$if(after !== null, (q) =>
              q.where(sql<boolean>`(i."holderId", i."itemId") > (${after?.[0]}::uuid, ${after?.[1]}::uuid)`),
            )
            .orderBy('i.holderId')
            .orderBy('i.itemId')
            .limit(count)
            .execute(),
      );
      const { actor, onBehalfOf } = read.caller;
      const selves = [actor.id, ...(onBehalfOf ? [onBehalfOf.id] : [])];
      const here = await tenantStates.current(read.tenant);
      // The service accounts that a person stands behind count as theirs.
      const own = new Set([...selves, ...selves.flatMap((id) => servicesInCustodyOf(id, here))]);
      const items = page.items.map(({ tenant: _tenant, valid_from: _from, ...row }) => ({
        ...row,
        holderName: names.get(row.holderId) ?? null,
        givenByName: names.get(row.givenBy) ?? null,
        decidedByName: row.decidedBy === null ? null : (names.get(row.decidedBy) ?? null),
        own: own.has(row.holderId),
      }));
      return { ...page, items };
    },
  ),
  answer(readReviewEvidence, async ({ reviewId }, read) => {
    const [evidence, names] = await Promise.all([
      evidenceOf(read.events, read.tenant, reviewId, read.position),
      namesIn(read),
    ]);
    if (isRejection(evidence)) return evidence;
    return {
      ...evidence,
      names: Object.fromEntries(idsIn(evidence.document).map((id) => [id, names.get(id) ?? null])),
    };
  }),
];
