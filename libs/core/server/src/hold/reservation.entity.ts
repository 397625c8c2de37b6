import { Json } from '@daybook/postgres/column-types';
import { openPolicy, tenantPolicy } from '@daybook/postgres/row-security';
import { defineEntity, p } from '@mikro-orm/postgresql';
import type { Reservation } from './reservation.decider.js';

/** The reservation of a personal value. */
export const ReservationEntity = defineEntity({
  name: 'Reservation',
  schema: 'platform',
  tableName: 'reservations',
  properties: {
    tenant: p.uuid().primary(),
    /** Keyed hash of field and value. */
    key: p.text().primary(),
    field: p.text(),
    /** Whose value it is; an erasure deletes by it. */
    subject: p.text(),
    state: p.type(Json).$type<Reservation>(),
  },
  indexes: [{ name: 'reservations_subject', properties: ['tenant', 'subject'] }],
  rowLevelSecurity: 'force',
  policies: [tenantPolicy('api', 'daybook_api'), openPolicy('projector')],
});
