import { view } from '@daybook/kernel';
import { listDelegatedAccessConsents, withdrawDelegatedAccessConsent } from './delegated-access.operations.js';

export const delegatedAccessView = view(listDelegatedAccessConsents, {
  path: 'users/delegated-access',
  title: 'Delegated access',
  one: 'delegated access',
  icon: 'user-key',
  id: 'delegatedAccessId',
  channels: ['delegated-access'],
  columns: {
    personName: { as: 'text', label: 'Acting for', none: 'Erased person', pin: true },
    email: { as: 'text', label: 'Delegate' },
    reason: { as: 'text', grow: true },
    allowedAt: { as: 'instant', label: 'Allowed' },
    until: { as: 'instant' },
    enteredAt: { as: 'instant', label: 'Last used', hidden: true },
    entries: { as: 'count', label: 'Used' },
    status: { as: 'status', words: { open: { tone: 'warn', icon: 'user-key' }, ended: null, expired: null } },
  },
  actions: {
    row: [
      {
        operation: withdrawDelegatedAccessConsent,
        label: 'Withdraw',
        icon: 'ban',
        destructive: true,
        from: { delegatedAccessId: 'delegatedAccessId' },
        ask: { reason: { label: 'Reason', width: 'full' } },
        when: { field: 'status', is: ['open'] },
      },
    ],
  },
  empty: 'Nobody has allowed delegated access.',
});
