import { event, type EventsOf } from '@daybook/kernel';
import * as z from 'zod';

/*
 * Service accounts: actors for programs. Their events are in the tenant's access stream, beside members and grants, because
 * they have grants as people do.
 */
const record = (data: { serviceId: string }) => ({ type: 'identity.service', id: data.serviceId });

export const serviceCreated = event('identity.service-created', {
  version: 2,
  data: z.object({
    serviceId: z.uuid(),
    name: z.string(),
    description: z.string(),
    /** The creator counts as a custodian of its keys: they cannot approve what a key requests. */
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
