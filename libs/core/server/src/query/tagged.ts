import { isRejection, RejectionError } from '@daybook/kernel';
import { anyOf } from '@daybook/projections';
import { type RawBuilder, sql } from 'kysely';
import type { Caller, QueryContext, RecordTags } from '../context.js';
import { accessBy, forbidden, grantsFor } from '../dispatch/rights.js';

/*
 * What a list is asked of the tags on its records: one condition in its statement, as known at the moment that is read. Rows that
 * the caller does not see are left out by their source (visible-rows.ts), so that a tag tells of no other record.
 */
type Asked = { readonly tags?: readonly string[]; readonly tagsNot?: readonly string[] };

/** `of`: the type of the records that are listed, and what names the one of a row there. */
export function taggedAs(
  from: RecordTags | null,
  of: { readonly type: string; readonly id: RawBuilder<string> },
  input: object,
  read: QueryContext,
): RawBuilder<boolean>[] {
  const { tags, tagsNot } = input as Asked;
  if (tags === undefined && tagsNot === undefined) return [];
  if (from !== null && !seesTags(from, read.caller))
    throw new RejectionError(forbidden(String(from.query.permission), 'to filter by tags'));
  const has = (ids: readonly string[]) =>
    from === null
      ? sql<boolean>`false`
      : sql<boolean>`exists (select 1 from ${read.rows(from.table).as('g')} where g."tagId" = ${anyOf(ids)}
          and g."recordType" = ${of.type} and g."recordId" = (${of.id}) collate "C")`;
  return [
    ...(tags === undefined ? [] : [has(tags)]),
    ...(tagsNot === undefined ? [] : [sql<boolean>`not ${has(tagsNot)}`]),
  ];
}

/** Grants that name a party give nothing here: tags are what colleagues say about a record. Jobs and the system see all. */
function seesTags({ query }: RecordTags, caller: Caller): boolean {
  const access = accessBy(caller);
  if (access === null) return caller.actor.kind === 'job' || caller.actor.kind === 'system';
  const grants = access.grants.filter(({ party }) => party === null);
  return (caller.parties ?? 'all') === 'all' && !isRejection(grantsFor(query, {}, { grants }));
}
