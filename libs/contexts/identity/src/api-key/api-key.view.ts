import { view } from '@daybook/kernel';
import { listApiKeys, revokeApiKey } from './api-key.operations.js';

/** The words for the status of a key, shared by the list of keys and the holder's own page. */
export const apiKeyStatusWords = {
  active: null,
  expired: { tone: 'warn', icon: 'hourglass' },
  revoked: { icon: 'ban' },
  'holder-deactivated': { tone: 'warn', icon: 'user-x', label: 'Holder deactivated' },
} as const;

export const apiKeyView = view(listApiKeys, {
  path: 'services/api-keys',
  title: 'API keys',
  one: 'API key',
  icon: 'key-round',
  id: 'keyId',
  channels: ['api-keys', 'access'],
  columns: {
    name: { as: 'text', pin: true, grow: true },
    prefix: { as: 'hash', label: 'Begins with' },
    holderName: { as: 'text', label: 'Holder', none: 'Erased person' },
    scopes: { as: 'text' },
    until: { as: 'instant' },
    addresses: { as: 'text', hidden: true },
    lastUsedAt: { as: 'instant', label: 'Last used', none: 'Never' },
    status: { as: 'status', words: apiKeyStatusWords },
    issuedBy: { as: 'person', label: 'By', hidden: true },
  },
  filters: [
    {
      field: 'holder',
      label: 'Holder',
      as: 'status',
      choices: [
        { value: 'service', label: 'Service account' },
        { value: 'person', label: 'Person' },
      ],
    },
  ],
  actions: {
    row: [
      {
        operation: revokeApiKey,
        label: 'Revoke',
        icon: 'ban',
        destructive: true,
        from: { keyId: 'keyId' },
        ask: { reason: { label: 'Reason', width: 'full', hint: 'Recorded in the audit trail.' } },
        when: { field: 'status', is: ['active'] },
      },
    ],
  },
  empty: 'No API key has been issued. API keys belong to a service account or to a person.',
});
