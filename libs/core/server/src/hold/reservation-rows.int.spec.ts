import { newId } from '@daybook/kernel';
import { createPool, entityManager } from '@daybook/postgres';
import { type TestDatabase, testDatabase } from '@daybook/postgres/testing/database';
import type { Pool } from 'pg';
import type { QueryContext } from '../context.js';
import type { Subject } from '../personal-data.js';
import type { ReservationRows } from './personal-reservations.js';
import type { Reservation } from './reservation.decider.js';
import { ReservationEntity } from './reservation.entity.js';
import { reservationMigrations } from './reservation.migrations.js';
import { reservationData, reservationRows } from './reservation-rows.js';

describe('reservations of personal values in their table', () => {
  let database: TestDatabase;
  let pool: Pool;
  let rows: ReservationRows;
  beforeAll(async () => {
    database = await testDatabase(reservationMigrations);
    pool = createPool(database.apiUrl, { max: 2, application: 'spec' });
    rows = reservationRows(entityManager(pool, [ReservationEntity]));
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  const of = (owner: string, version = 2): Reservation => ({ owner, open: null, version });
  const row = (tenant: string, key = 'k') => ({ tenant, key, field: 'crm.contact.email' });

  it('are written once, by the writer that read what is there, and by none that read something else', async () => {
    const tenant = newId();
    expect(await rows.replace(row(tenant), null, of('ola'))).toBe(true);
    expect(await rows.replace(row(tenant), null, of('kari'))).toBe(false);
    expect(await rows.replace(row(tenant), of('kari'), of('liv'))).toBe(false);
    expect(await rows.replace(row(tenant), of('ola'), of('liv', 4))).toBe(true);
    expect(await rows.find(tenant, 'k')).toEqual(of('liv', 4));
    expect(await rows.replace(row(tenant), of('liv', 3), null)).toBe(false);
    expect(await rows.replace(row(tenant), of('liv', 4), null)).toBe(true);
    expect(await rows.find(tenant, 'k')).toBeNull();
  });

  it('belong to one tenant', async () => {
    const [north, south] = [newId(), newId()];
    await rows.replace(row(north), null, of('ola'));
    expect(await rows.find(south, 'k')).toBeNull();
    expect(await rows.replace(row(south), null, of('kari'))).toBe(true);
    expect(await rows.find(north, 'k')).toEqual(of('ola'));
  });

  it('are counted in the copy of a person and deleted by their erasure, also those of their aliases', async () => {
    const tenant = newId();
    const subject: Subject = { tenant, personId: 'ola', emails: [], aliases: ['invitation'], own: false };
    const holds = {
      name: newId(),
      step: { stream: 's', revision: 0, commandId: newId() },
      heldAt: '2026-03-31T12:00:00Z',
    };
    await rows.replace(row(tenant, 'a'), null, of('ola'));
    await rows.replace(row(tenant, 'b'), null, {
      ...of('x'),
      owner: null,
      open: { ...holds, owner: 'invitation', purpose: 'take' },
    });
    await rows.replace(row(tenant, 'c'), null, of('kari'));
    const data = reservationData(entityManager(pool, [ReservationEntity]));
    const [section] = await data.collect(subject, {} as QueryContext);
    expect(section?.items).toEqual([{ field: 'crm.contact.email' }, { field: 'crm.contact.email' }]);
    expect(await data.forget?.(subject)).toEqual([{ place: 'platform.reservations', count: 2 }]);
    expect(await Promise.all(['a', 'b', 'c'].map((key) => rows.find(tenant, key)))).toEqual([null, null, of('kari')]);
  });
});
