import { view } from '@daybook/kernel';
import { listKeys, revokeKey } from './key.operations.js';

/** How the state of a key is said; the list of keys and a holder's own page share it. */
export const keyStatusWords = {
  active: null,
  expired: { tone: 'warn', icon: 'hourglass' },
  revoked: { icon: 'ban' },
  'holder-deactivated': { tone: 'warn', icon: 'user-x', label: 'Holder deactivated' },
} as const;

export const keyView = view(listKeys, {
  path: 'services/keys',
  title: 'Keys',
  one: 'key',
  icon: 'key-round',
  id: 'keyId',
  live: ['keys', 'access'],
  columns: {
    name: { as: 'text', pin: true, grow: true },
    prefix: { as: 'hash', label: 'Begins with' },
    holderName: { as: 'text', label: 'Holder', none: 'Erased person' },
    scopes: { as: 'text' },
    until: { as: 'instant' },
    addresses: { as: 'text', hidden: true },
    lastUsedAt: { as: 'instant', label: 'Last used', none: 'Never' },
    status: { as: 'status', words: keyStatusWords },
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
        operation: revokeKey,
        label: 'Revoke',
        icon: 'ban',
        destructive: true,
        from: { keyId: 'keyId' },
        ask: { reason: { label: 'Reason', width: 'full', hint: 'Kept with the event.' } },
        when: { field: 'status', is: ['active'] },
      },
    ],
  },
  empty: 'No key has been issued. Keys belong to a service account or to a person.',
});
