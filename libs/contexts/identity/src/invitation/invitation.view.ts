import { view } from '@daybook/kernel';
import { eraseInvitation, listInvitations, sendInvitation, withdrawInvitation } from './invitation.operations.js';

export const invitationView = view(listInvitations, {
  path: 'users/invitations',
  title: 'Invitations',
  one: 'invitation',
  icon: 'mail',
  id: 'invitationId',
  channels: ['invitations'],
  columns: {
    email: { as: 'text', label: 'E-mail', none: 'Erased address', pin: true, grow: true },
    role: { as: 'role' },
    companyId: { as: 'company', label: 'Where' },
    until: { as: 'date', label: 'Role until' },
    status: {
      as: 'status',
      words: {
        sent: { icon: 'mail', label: 'Waiting' },
        accepted: null,
        withdrawn: { icon: 'ban' },
        expired: { tone: 'warn', icon: 'hourglass' },
      },
    },
    sentAt: { as: 'instant', label: 'Sent' },
    expiresAt: { as: 'instant', label: 'Link good until', hidden: true },
    sentBy: { as: 'person', label: 'By' },
  },
  filters: [
    {
      field: 'status',
      label: 'Status',
      as: 'status',
      choices: [
        { value: 'sent', label: 'Waiting' },
        { value: 'accepted', label: 'Accepted' },
        { value: 'withdrawn', label: 'Withdrawn' },
        { value: 'expired', label: 'Expired' },
      ],
    },
  ],
  views: [{ name: 'Waiting', where: { status: 'sent' } }],
  actions: {
    create: {
      label: 'Invite',
      action: {
        operation: sendInvitation,
        label: 'Invite',
        ask: {
          email: { label: 'E-mail', width: 'full', hint: 'The link goes there, and nowhere else.' },
          role: { label: 'Role', as: 'role' },
          companyId: { label: 'Where', as: 'company' },
          until: { label: 'Until', as: 'date', hint: 'Last day of the role.' },
          partyType: { label: 'Kind of party', hint: 'For the role Vendor: customer or supplier.' },
          party: {
            label: 'Customer or supplier',
            hint: 'The id in the books. The holder sees only the lines of this one.',
          },
        },
      },
    },
    row: [
      {
        operation: withdrawInvitation,
        label: 'Withdraw',
        icon: 'ban',
        destructive: true,
        what: 'The link stops working at once.',
        from: { invitationId: 'invitationId' },
        when: { field: 'status', is: ['sent'] },
      },
      {
        operation: eraseInvitation,
        label: 'Erase the address',
        icon: 'eraser',
        destructive: true,
        what: 'The address is erased for good, and the link stops working.',
        from: { invitationId: 'invitationId' },
        ask: { reason: { label: 'Reason', width: 'full', hint: 'Kept permanently: do not name a person in it.' } },
        when: [
          { field: 'status', is: ['sent', 'withdrawn', 'expired'] },
          { field: 'email', given: true },
        ],
      },
    ],
  },
  empty: 'No invitations yet. An invited person gets a link by mail and chooses a password.',
});
