/*
 * A process that is killed: it creates contacts, each of which stops after another of its writes, and says so once all have
 * stopped. Arguments: URLs of the projector's and the api's login, then `tenant:writes` of each.
 */
import { openPostgresEventStore } from '@daybook/event-store';
import { createPool, entityManager } from '@daybook/postgres';
import { ReservationEntity } from '../reservation.entity.ts';
import { reservationRows } from '../reservation-rows.ts';
import { Desk } from './contacts.ts';
import { reservationsIn } from './memory-reservations.ts';
import { mortal } from './mortal.ts';

const [, , projectorUrl, apiUrl, ...plans] = process.argv;
const store = openPostgresEventStore({ url: projectorUrl });
const pool = createPool(apiUrl, { max: 4, application: 'killed' });
const rows = reservationRows(entityManager(pool, [ReservationEntity]));

let stopped = 0;
const forEver = () => {
  stopped += 1;
  if (stopped === plans.length) process.stdout.write('stopped\n');
  return new Promise(() => undefined);
};
await Promise.all(
  plans.map((plan) => {
    const [tenant, writes] = plan.split(':');
    const mine = mortal(store, rows, { call: Number(writes), when: 'after', ofWrites: true, until: forEver });
    const desk = new Desk(tenant, mine.store, { personal: reservationsIn(mine.rows) });
    return desk.create('a', { email: 'a@example.org', key: 'k' });
  }),
);
