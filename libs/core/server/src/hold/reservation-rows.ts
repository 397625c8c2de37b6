import { inTenantScope, statement } from '@daybook/postgres';
import type { EntityManager } from '@mikro-orm/postgresql';
import { type ReservationRows, subjectOfRow } from './personal-reservations.js';
import type { PersonalData } from '../personal-data.js';
import { ReservationEntity } from './reservation.entity.js';

/** Reservations of personal values in their table. A write finds what was read, or writes nothing. */
export const reservationRows = (em: EntityManager): ReservationRows => ({
  find: (tenant, key) =>
    inTenantScope(em, tenant, async (em) => (await em.findOne(ReservationEntity, { tenant, key }))?.state ?? null),

  // SQL: an entity's condition compares fields of a JSON value, not the whole.
  replace: ({ tenant, key, field }, before, after) =>
    inTenantScope(em, tenant, async (em) => {
      const [was, is] = [before, after].map((state) => (state === null ? null : JSON.stringify(state)));
      const subject = after === null ? null : subjectOfRow(after);
      const done = (text: string, ...values: unknown[]) =>
        statement(em, `${text} returning 1`, [tenant, key, ...values]);
      const rows =
        before === null
          ? await done(insertRow, field, subject, is)
          : after === null
            ? await done(deleteRow, was)
            : await done(updateRow, was, subject, is);
      return rows.length === 1;
    }),
});

const insertRow = `insert into platform.reservations (tenant, key, field, subject, state) values ($1, $2, $3, $4, $5::jsonb)
  on conflict do nothing`;
const updateRow = `update platform.reservations set subject = $4, state = $5::jsonb
  where tenant = $1 and key = $2 and state = $3::jsonb`;
const deleteRow = 'delete from platform.reservations where tenant = $1 and key = $2 and state = $3::jsonb';

/** What is reserved for a person, for their copy and their erasure. The value itself is not kept. */
export const reservationData = (em: EntityManager): PersonalData => {
  const ofSubject = (tenant: string, ids: readonly string[]) => ({ tenant, subject: { $in: [...ids] } });
  return {
    collect: ({ tenant, personId, aliases }) =>
      inTenantScope(em, tenant, async (em) => {
        const rows = await em.find(ReservationEntity, ofSubject(tenant, [personId, ...aliases]), { limit: 200 });
        const items = rows.map(({ field }) => ({ field }));
        return [{ name: 'reservations', title: 'Values that nobody else may have', items }];
      }),
    forget: ({ tenant, personId, aliases }) =>
      inTenantScope(em, tenant, async (em) => {
        const count = await em.nativeDelete(ReservationEntity, ofSubject(tenant, [personId, ...aliases]));
        return [{ place: 'platform.reservations', count }];
      }),
  };
};
