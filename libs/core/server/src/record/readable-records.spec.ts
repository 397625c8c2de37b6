import type { Files } from '@daybook/files';
import type { Jobs } from '@daybook/jobs';
import type { OutputOf } from '@daybook/kernel';
import type { ReadContext } from '@daybook/projections';
import { answer } from '../binding.js';
import { context, type EventReader } from '../context.js';
import type { EffectiveGrant, People } from '../dispatch/access.js';
import { Bindings, Dependencies } from '../dispatch/bindings.js';
import { Cursors } from '../query/query-context.js';
import { listParcels } from '../testing/parcels.js';
import { personReading, ReadableRecords } from './readable-records.js';

const [tenant, id, owner] = [1, 2, 3].map((n) => `0190a1b2-0000-7000-8000-00000000000${n}`) as [string, string, string];
const row = { id, number: 'P1', name: 'Books', owner, version: 1 } as unknown as OutputOf<
  typeof listParcels
>['items'][number];
const wanted: boolean[] = [];
const post = context({
  name: 'post',
  title: 'Post',
  roles: { Staff: ['post.*'] },
  bindings: [
    answer(listParcels, async (_input, read) => {
      wanted.push(read.forNames);
      return { items: [row], next: null };
    }),
  ],
});
const grant = (party: EffectiveGrant['party']): EffectiveGrant => ({
  ...{ role: 'Clerk', companyId: null, party, permissions: new Set([String(listParcels.permission)]), fields: {} },
});

/** The record as it is found by somebody who has these grants; null for somebody who left the tenant. */
async function foundBy(grants: readonly EffectiveGrant[] | null) {
  const people = { rightsOf: async () => grants && { grants, incompatible: new Map(), peers: [] } };
  const read = { tenant, rows: () => null, latest: () => null, past: false } as unknown as ReadContext;
  const records = new ReadableRecords(
    new Bindings([post]),
    new Dependencies(),
    people as unknown as People,
    new Cursors('a secret of more than thirty-two characters'),
    {} as EventReader,
    {} as Files,
    {} as Jobs,
  );
  const key = { type: listParcels.of.record.name, id, companyId: null };
  return records.find(read, personReading(tenant, owner), key);
}

describe('whether somebody may read a record', () => {
  it('is so where the query of its page answers them', async () => {
    expect(await foundBy([grant(null)])).toMatchObject({ one: listParcels.of.record.one });
    expect([await foundBy([]), await foundBy(null)]).toEqual([null, null]);
  });

  it('is asked for their names alone, so that nothing is computed for it', async () => {
    wanted.length = 0;
    await foundBy([grant(null)]);
    expect(wanted).toEqual([true]);
  });

  it('is not so by grants that name a party, whatever these permit', async () => {
    const party = { type: 'customer', id: 'C1' } as const;
    expect(await foundBy([grant(party)])).toBeNull();
    expect(await foundBy([grant(party), grant(null)])).not.toBeNull();
  });
});
