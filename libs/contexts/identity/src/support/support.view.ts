import { view } from '@daybook/kernel';
import { listSupport, stopSupport } from './support.operations.js';

export const supportView = view(listSupport, {
  path: 'users/support',
  title: 'Support access',
  one: 'support access',
  icon: 'life-buoy',
  id: 'supportId',
  live: ['support'],
  columns: {
    personName: { as: 'text', label: 'Acted for', none: 'Erased person', pin: true },
    email: { as: 'text', label: 'By' },
    reason: { as: 'text', grow: true },
    allowedAt: { as: 'instant', label: 'Allowed' },
    until: { as: 'instant' },
    enteredAt: { as: 'instant', label: 'Last used', hidden: true },
    entries: { as: 'count', label: 'Used' },
    status: { as: 'status', words: { open: { tone: 'warn', icon: 'life-buoy' }, ended: null, expired: null } },
  },
  actions: {
    row: [
      {
        operation: stopSupport,
        label: 'Stop',
        icon: 'ban',
        destructive: true,
        from: { supportId: 'supportId' },
        ask: { reason: { label: 'Reason', width: 'full' } },
        when: { field: 'status', is: ['open'] },
      },
    ],
  },
  empty: 'Nobody has allowed anybody to act in his name.',
});
