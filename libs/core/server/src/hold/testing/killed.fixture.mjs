/*
 * A process that is killed. Arguments: URLs of the projector's and the api's login, then what it does:
 * - `stops tenant:writes …`: creates contacts, each of which stops after another of its writes; says so once all have stopped.
 * - `writes tenant`: creates contacts by many writers at once; says so before the first write, after each, and at the end.
 */
import { openPostgresEventStore } from '@daybook/event-store';
import { createPool, entityManager } from '@daybook/postgres';
import { ReservationEntity } from '../reservation.entity.ts';
import { reservationRows } from '../reservation-rows.ts';
import { createMany, Desk } from './contacts.ts';
import { reservationsIn } from './memory-reservations.ts';
import { mortal } from './mortal.ts';

const [, , projectorUrl, apiUrl, what, ...of] = process.argv;
const store = openPostgresEventStore({ url: projectorUrl });
const pool = createPool(apiUrl, { max: 4, application: 'killed' });
const rows = reservationRows(entityManager(pool, [ReservationEntity]));
const forEver = () => new Promise(() => undefined);
const say = (word) => process.stdout.write(`${word}\n`);

/** Contacts of a tenant, in which this is done after a write, or after each. */
function deskOf(tenant, call, until) {
  const mine = mortal(store, rows, { call, when: 'after', ofWrites: true, until });
  return new Desk(tenant, mine.store, { personal: reservationsIn(mine.rows) });
}

if (what === 'writes') {
  say('begins');
  await createMany(
    deskOf(of[0], 'each', async () => say('wrote')),
    'child',
  );
  say('end');
} else {
  let stopped = 0;
  const stop = () => {
    stopped += 1;
    if (stopped === of.length) say('stopped');
    return forEver();
  };
  for (const plan of of) {
    const [tenant, write] = plan.split(':');
    void deskOf(tenant, Number(write), stop).create('a', { email: 'a@example.org', key: 'k' });
  }
}
await forEver();
