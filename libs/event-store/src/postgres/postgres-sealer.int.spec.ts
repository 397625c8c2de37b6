import { newId } from '@daybook/kernel';
import { createPool } from '@daybook/postgres';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import type { Pool } from 'pg';
import { eventStoreMigrations } from './migrations.js';
import { postgresSealer } from './postgres-sealer.js';

describe('the sealer with keys in PostgreSQL', () => {
  let database: TestDatabase;
  let api: Pool;
  let projector: Pool;
  const [tenant, other] = [newId(), newId()];
  beforeAll(async () => {
    database = await testDatabase(eventStoreMigrations);
    api = createPool(database.apiUrl, { max: 4, application: 'spec' });
    projector = createPool(database.projectorUrl, { max: 2, application: 'spec' });
  });
  afterAll(async () => {
    await api.end();
    await projector.end();
    await database.drop();
  });

  it('gives the same bytes in every process, also when they seal a new subject at once', async () => {
    const sealers = [1, 2, 3, 4].map(() => postgresSealer(api, 'secret'));
    const sealed = await Promise.all(sealers.map((sealer) => sealer.seal(tenant, 'ada', 'Ada')));
    expect(new Set(sealed).size).toBe(1);
    expect(await postgresSealer(projector, 'secret').open(tenant, 'ada', sealed[0]!)).toBe('Ada');
    expect(await sealers[0]!.seal(tenant, 'ada', 'Adb')).not.toBe(sealed[0]);
    expect(await sealers[0]!.seal(tenant, 'bob', 'Ada')).not.toBe(sealed[0]);
    expect(await sealers[0]!.seal(other, 'ada', 'Ada')).not.toBe(sealed[0]);
  });

  it('opens nothing without the secret, for another subject, or when a bit was changed', async () => {
    const sealer = postgresSealer(api, 'secret');
    const sealed = await sealer.seal(tenant, 'eve', 'Eve');
    await expect(postgresSealer(api, 'other').open(tenant, 'eve', sealed)).rejects.toThrow();
    await expect(sealer.open(tenant, 'ada', sealed)).rejects.toThrow();
    const changed = `${sealed.startsWith('A') ? 'B' : 'A'}${sealed.slice(1)}`;
    await expect(sealer.open(tenant, 'eve', changed)).rejects.toThrow();
  });

  it('erases a subject by its key alone', async () => {
    const sealer = postgresSealer(api, 'secret');
    const sealed = await sealer.seal(tenant, 'gone', 'Name');
    await sealer.erase(tenant, 'gone');
    expect(await sealer.open(tenant, 'gone', sealed)).toBeNull();
    expect(await postgresSealer(projector, 'secret').open(tenant, 'gone', sealed)).toBeNull();
    await expect(sealer.seal(tenant, 'gone', 'Name')).rejects.toThrow('erased');
  });

  it("shows a tenant no other tenant's keys", async () => {
    expect((await api.query('select * from vault.keys')).rows).toEqual([]);
  });
});
