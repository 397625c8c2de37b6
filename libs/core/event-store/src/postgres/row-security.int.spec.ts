import { newId, streamName } from '@daybook/kernel';
import { createPool, inTenant } from '@daybook/postgres';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import type { Pool } from 'pg';
import type { EventStore } from '../port.js';
import { collect } from '../testing/contract.js';
import { noteFor } from '../testing/events.js';
import { eventStoreMigrations } from './migrations.js';
import { openPostgresEventStore } from './postgres-event-store.js';

describe('rights on the event store', () => {
  let database: TestDatabase;
  let store: EventStore;
  const pools: { api?: Pool; projector?: Pool } = {};
  const [mine, theirs] = [newId(), newId()];
  const streamOf = (tenant: string): string => streamName('spec.note', tenant, 'x');
  beforeAll(async () => {
    database = await testDatabase(eventStoreMigrations);
    store = openPostgresEventStore({ url: database.apiUrl });
    pools.api = createPool(database.apiUrl, { max: 2, application: 'spec' });
    pools.projector = createPool(database.projectorUrl, { max: 2, application: 'spec' });
    for (const tenant of [mine, theirs]) await store.append(streamOf(tenant), 'none', [noteFor(tenant)]);
  });
  afterAll(async () => {
    await store.close();
    await Promise.all(Object.values(pools).map((pool) => pool.end()));
    await database.drop();
  });

  describe.each(['api', 'projector'] as const)('the %s role', (role) => {
    it.each([
      "update store.events set type = 'forged'",
      'delete from store.events',
      'truncate store.events',
      'insert into store.events (position) values (99)',
      'select from store.turn for update',
      'delete from store.turn',
      'alter table store.events disable row level security',
      'drop table store.events',
    ])('may not %s', async (statement) => {
      const attempt = inTenant(pools[role]!, mine, (client) => client.query(statement));
      await expect(attempt).rejects.toThrow(/permission denied|must be owner/);
    });
  });

  it('shows the api role only the events of its tenant, and none without a tenant', async () => {
    const tenants = (pool: Pool, tenant: string | null) =>
      inTenant(pool, tenant, async (client) =>
        (await client.query<{ tenant: string }>('select tenant from store.events order by position')).rows.map(
          (row) => row.tenant,
        ),
      );
    expect(await tenants(pools.api!, mine)).toEqual([mine]);
    expect(await tenants(pools.api!, null)).toEqual([]);
    expect(await tenants(pools.projector!, null)).toEqual([mine, theirs]);
  });

  it('confines a store that was opened for one tenant to it', async () => {
    const confined = openPostgresEventStore({ url: database.apiUrl, tenant: mine });
    expect(await collect(confined.readStream(streamOf(mine)))).toHaveLength(1);
    expect(await collect(confined.readStream(streamOf(theirs)))).toEqual([]);
    expect(await collect(confined.readAll())).toHaveLength(1);
    expect(await collect(confined.readAll({ tenant: theirs }))).toEqual([]);
    await confined.close();
  });

  const append = (pool: Pool, session: string | null, tenant: string, stream: string, metaTenant: string) =>
    inTenant(pool, session, (client) =>
      client.query('select * from store.append($1, $2, $3, $4, $5, $6, $7, $8)', [
        ...[[tenant], [stream], [-2], [1], [newId()], ['spec.x.v1'], ['{}']],
        [JSON.stringify({ tenant: metaTenant })],
      ]),
    );

  it('refuses an append in the name of another tenant', async () => {
    const refusal = 'The tenant of an append';
    await expect(append(pools.api!, mine, theirs, streamOf(theirs), theirs)).rejects.toThrow(refusal);
    await expect(append(pools.api!, mine, mine, streamOf(theirs), mine)).rejects.toThrow(refusal);
    await expect(append(pools.api!, mine, mine, streamOf(mine), theirs)).rejects.toThrow(refusal);
    await expect(append(pools.projector!, null, mine, streamOf(theirs), mine)).rejects.toThrow(refusal);
    expect((await append(pools.api!, mine, mine, streamOf(mine), mine)).rows).toMatchObject([{ outcome: 'appended' }]);
    expect((await append(pools.projector!, mine, theirs, streamOf(theirs), theirs)).rows).toHaveLength(1);
  });

  it('refuses only the forged append in a group', async () => {
    const forged = { ...noteFor(mine), meta: noteFor(theirs).meta };
    const [good, bad, alsoGood] = await Promise.allSettled([
      store.append(streamName('spec.note', mine, 'a'), 'none', [noteFor(mine)]),
      store.append(streamName('spec.note', mine, 'b'), 'none', [forged]),
      store.append(streamName('spec.note', theirs, 'c'), 'none', [noteFor(theirs)]),
    ]);
    expect([good.status, bad.status, alsoGood.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});
