import { view } from '@daybook/kernel';
import { giveToService, grantView } from '../grant/grant.view.js';
import { issueApiKey, listApiKeys, maxApiKeyDays } from '../api-key/api-key.operations.js';
import { apiKeyView } from '../api-key/api-key.view.js';
import { listPermissions } from '../role/role.operations.js';
import { permissionChoices } from '../role/role.view.js';
import { statusFilter } from '../status.view.js';
import { createService, deactivateService, listServices } from './service.operations.js';

const words = { active: null, deactivated: { tone: 'warn', icon: 'ban' } } as const;

export const serviceView = view(listServices, {
  path: 'services',
  title: 'Service accounts',
  one: 'service account',
  icon: 'bot',
  id: 'serviceId',
  channels: ['services', 'access'],
  beside: [{ title: 'All API keys', path: 'services/api-keys', icon: 'key-round', needs: listApiKeys }],
  columns: {
    name: { as: 'text', drill: 'record', pin: true },
    description: { as: 'text', grow: true },
    status: { as: 'status', words },
    createdAt: { as: 'instant', label: 'Created' },
  },
  filters: [statusFilter],
  record: {
    query: listServices,
    id: 'serviceId',
    title: 'name',
    sub: 'description',
    fields: { createdAt: { as: 'instant', label: 'Created' } },
    sections: [
      {
        kind: 'rows',
        label: 'API keys',
        view: apiKeyView,
        where: { holderId: 'serviceId' },
        columns: ['name', 'prefix', 'until', 'lastUsedAt', 'status'],
        empty: 'No API key has been issued, so no program can use the account.',
      },
      {
        kind: 'rows',
        label: 'Roles',
        view: grantView,
        where: { holderId: 'serviceId' },
        columns: ['role', 'companyId', 'until', 'givenAt', 'givenBy'],
        create: giveToService,
        empty: 'No role is granted: its API keys can do nothing yet.',
      },
    ],
    history: 'identity.service',
  },
  actions: {
    create: {
      label: 'New service account',
      action: {
        operation: createService,
        label: 'Create service account',
        ask: {
          name: { label: 'Name', width: 'full', hint: 'As the audit trail names it: Bank feed, Webshop.' },
          description: { label: 'Description', width: 'full', hint: 'What it is for, and who is responsible for it.' },
        },
      },
    },
    row: [
      {
        operation: issueApiKey,
        label: 'Issue an API key',
        icon: 'key-round',
        main: true,
        title: 'Issue an API key of {name}',
        what: 'The key may do what the service account may do, within its scopes. It is shown only once.',
        from: { serviceId: 'serviceId' },
        ask: {
          name: { label: 'Name', hint: 'Where it is used.' },
          until: { label: 'Until', as: 'date', hint: `At most ${maxApiKeyDays} days from now.` },
          scopes: {
            label: 'Scopes',
            as: 'choice',
            choices: { query: listPermissions, rows: permissionChoices, value: 'permission', label: 'title', group: 'group' },
          },
          addresses: { label: 'Network addresses', hint: 'One per line, an IP address or a CIDR block. Empty: from anywhere.' },
        },
        once: {
          field: 'secret',
          label: 'The key, shown only once',
          hint: 'Store it where the program reads it. Daybook keeps only a hash and cannot show it again. If the key is lost, revoke it and issue another one.',
        },
        when: { field: 'status', is: ['active'] },
      },
      {
        operation: deactivateService,
        label: 'Deactivate',
        icon: 'ban',
        destructive: true,
        from: { serviceId: 'serviceId' },
        ask: { reason: { label: 'Reason', width: 'full' } },
        when: { field: 'status', is: ['active'] },
      },
    ],
  },
  empty: 'There is no service account. Create one for each program that reads or posts on its own, and issue API keys for it.',
}); // prettier-ignore
