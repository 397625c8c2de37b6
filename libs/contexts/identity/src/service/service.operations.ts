import {
  command,
  type CommandOf,
  instant,
  oneLine,
  pageInput,
  pageOf,
  plainTextOrEmpty,
  query,
  tagInput,
} from '@daybook/kernel';
import * as z from 'zod';
import { reason } from '../reason.schema.js';

export const createService = command('identity.service.create', {
  title: 'Create a service account',
  description: 'An actor for programs. It gets grants as a person does, and API keys to act with.',
  http: 'POST /v1/identity/services',
  sensitive: true,
  says: 'created the service account {name}',
  approvable: { widens: true, summary: ({ name }) => `Service account ${String(name)}` },
  input: z.object({
    name: oneLine(100),
    description: plainTextOrEmpty(500).default('').describe('What it is for, and who is responsible for it'),
  }),
});
export const deactivateService = command('identity.service.deactivate', {
  title: 'Deactivate a service account',
  description: 'Its API keys stop working with the next request. This cannot be undone: create another one instead.',
  http: 'POST /v1/identity/services/{serviceId}/deactivation',
  sensitive: true,
  says: 'deactivated the service account {name}',
  ifMatch: 'optional',
  input: z.object({ serviceId: z.uuid(), reason }),
});

export const serviceCommands = [createService, deactivateService] as const;
export type ServiceCommand = CommandOf<(typeof serviceCommands)[number]>;

export const serviceRow = z
  .object({
    serviceId: z.uuid(),
    name: z.string(),
    description: z.string(),
    status: z.enum(['active', 'deactivated']),
    createdAt: instant,
    version: z.int(),
  })
  .meta({ id: 'Service' });

export const listServices = query('identity.service.list', {
  title: 'List service accounts',
  http: 'GET /v1/identity/services',
  delegated: true,
  permission: 'identity.service.read',
  input: z.object({ status: serviceRow.shape.status.optional(), ...tagInput, ...pageInput }),
  output: pageOf(serviceRow),
  rows: 'items',
});
