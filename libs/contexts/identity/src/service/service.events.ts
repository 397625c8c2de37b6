import { event, type EventsOf } from '@daybook/kernel';
import * as z from 'zod';

/*
 * Service accounts: actors that are no persons. Their events stand in the tenant's access stream, beside members and
 * grants, since they hold grants as persons do.
 */
const record = (data: { serviceId: string }) => ({ type: 'identity.service', id: data.serviceId });

export const serviceCreated = event('identity.service-created', {
  version: 2,
  data: z.object({
    serviceId: z.uuid(),
    name: z.string(),
    description: z.string(),
    /** Whoever made it stands behind what its keys do. */
    createdBy: z.string(),
  }),
  record,
});
export const serviceDeactivated = event('identity.service-deactivated', {
  data: z.object({ serviceId: z.uuid(), name: z.string(), reason: z.string() }),
  record,
});

export const serviceEvents = [serviceCreated, serviceDeactivated] as const;
export type ServiceEvent = EventsOf<typeof serviceEvents>;
