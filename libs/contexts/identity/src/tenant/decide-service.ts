import { accept, checkVersion, type EventsOf, reject, withKey } from '@daybook/kernel';
import { serviceCreated, serviceDeactivated, type serviceEvents } from '../service/service.events.js';
import type { serviceCommands } from '../service/service.operations.js';
import type { Service } from './actors.state.js';
import { type TenantFolds, notFound, type TenantRules, type TenantState } from './tenant.state.js';

/* Service accounts. Active ones have different names. A deactivated one stays so; its grants and keys give no rights. */
export const serviceRules: TenantRules<typeof serviceCommands> = {
  'identity.service.create': (input, { services }, { newId, actor }) => {
    const name = input.name.toLowerCase();
    return [...services.values()].some((service) => service.active && service.name.toLowerCase() === name)
      ? reject(
          'identity.service-name-exists',
          `There is already a service account named ${input.name}. Choose another name.`,
        )
      : accept(newId, 1, serviceCreated.of({ serviceId: newId, ...input, createdBy: actor }));
  },

  'identity.service.deactivate': ({ serviceId, reason }, { services }, context) => {
    const service = services.get(serviceId);
    if (!service) return serviceNotFound();
    const stale = checkVersion(context, service.version);
    if (stale) return stale;
    const { name, active, version } = service;
    return active
      ? accept(serviceId, version + 1, serviceDeactivated.of({ serviceId, name, reason }))
      : serviceIsDeactivated(service);
  },
};

export const serviceNotFound = () => notFound('service account', 'identity.service-not-found');
export const serviceIsDeactivated = ({ name }: Service) =>
  reject('identity.service-deactivated', `The service account ${name} is deactivated. Create another one.`);

export const serviceFolds: TenantFolds<EventsOf<typeof serviceEvents>> = {
  'identity.service-created': (state, { serviceId, name, createdBy }) =>
    withService(state, serviceId, { name, active: true, createdBy }),
  'identity.service-deactivated': (state, { serviceId }) => {
    const service = state.services.get(serviceId);
    return service ? withService(state, serviceId, { ...service, active: false }) : state;
  },
};

const withService = (state: TenantState, serviceId: string, service: Omit<Service, 'version'>): TenantState => ({
  ...state,
  services: withKey(state.services, serviceId, {
    ...service,
    version: (state.services.get(serviceId)?.version ?? 0) + 1,
  }),
});
