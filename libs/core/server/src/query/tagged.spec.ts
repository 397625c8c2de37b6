import { query, RejectionError } from '@daybook/kernel';
import { tableOf } from '@daybook/projections';
import { sql } from 'kysely';
import * as z from 'zod';
import type { Caller, QueryContext } from '../context.js';
import { anonymous, type EffectiveGrant } from '../dispatch/access.js';
import { letIn, partiesOf } from '../dispatch/rights.js';
import { taggedAs } from './tagged.js';

const id = '0190a1b2-0000-7000-8000-000000000001';
const row = z.object({ recordType: z.string(), recordId: z.string(), tagId: z.uuid() });
const from = {
  table: tableOf('record_tags', row, ['recordId', 'tagId']),
  query: query('post.parcel-tag.list', {
    title: 'List the tags on a parcel',
    http: 'GET /v1/post/parcel-tags',
    permission: 'post.tag.read',
    scope: 'caller',
    input: z.object({}),
    output: z.object({}),
  }),
};
const parcels = { type: 'post.parcel', id: sql<string>`p.id` };
const grant = (more: Partial<EffectiveGrant> = {}): EffectiveGrant => ({
  ...{ role: 'Clerk', companyId: null, party: null, permissions: new Set(['post.tag.read']), fields: {} },
  ...more,
});
const caller = (actor: Caller['actor'], grants: readonly EffectiveGrant[]): Caller => ({
  ...{ tenant: id, actor, parties: partiesOf(grants) },
  ...{ channel: 'rest', address: null, correlationId: id, reason: null },
});
const person = (...grants: EffectiveGrant[]) => letIn(caller({ kind: 'person', id }, grants), { ...anonymous, grants });
const asked =
  (by: Caller, input: object = { tags: [id] }) =>
  () =>
    taggedAs(from, parcels, input, { caller: by, rows: () => ({ as: () => null }) } as unknown as QueryContext);

describe('a list that is filtered by tags', () => {
  it('has one condition for each filter, and none where nothing is asked', () => {
    const by = person(grant());
    expect([asked(by, {})().length, asked(by)().length, asked(by, { tags: [id], tagsNot: [id] })().length]).toEqual([
      0, 1, 2,
    ]);
  });

  it('is refused to who may not read tags, or reads the records for a party alone', () => {
    const party = { type: 'customer', id: 'C1' } as const;
    for (const refused of [
      person(grant({ permissions: new Set(['post.parcel.read']) })),
      person(grant({ party })),
      caller({ kind: 'person', id }, [grant()]),
    ])
      expect(asked(refused)).toThrow(RejectionError);
    expect(asked(person(grant({ party }), grant()))).not.toThrow();
    expect(asked(caller({ kind: 'system', id: 'upkeep' }, []))).not.toThrow();
  });
});
