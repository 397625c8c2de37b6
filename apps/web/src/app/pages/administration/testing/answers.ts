/* What the server answers to the pages of administration, for their specs. */
const operation = (name: string, title: string, writes: boolean) => ({ name, title, writes, sensitive: false });
const permission = (name: string, title: string, writes: boolean, everybody = false) => ({
  permission: name,
  operations: [operation(name, title, writes)],
  writes,
  everybody,
});

export const permissions = {
  contexts: [
    {
      context: 'accounting',
      title: 'Books',
      nouns: [
        {
          noun: 'entry',
          permissions: [
            permission('accounting.entry.read', 'List entries', false),
            permission('accounting.entry.post', 'Post an entry', true),
          ],
        },
        {
          noun: 'trial-balance',
          permissions: [permission('accounting.trial-balance.read', 'Read the trial balance', false)],
        },
      ],
    },
    {
      context: 'identity',
      title: 'People and rights',
      nouns: [
        { noun: 'password', permissions: [permission('identity.password.change', 'Change your password', true, true)] },
        { noun: 'grant', permissions: [permission('identity.grant.give', 'Give a role', true)] },
      ],
    },
  ],
  fields: [{ field: 'identity.person.email', title: 'E-mail address of a person' }],
};

export const ids = {
  role: '0195f000-0000-7000-8000-0000000000c1',
  review: '0195f000-0000-7000-8000-0000000000d1',
  kari: '0195f000-0000-7000-8000-0000000000e1',
};
export const role = (more: Record<string, unknown> = {}) => ({
  roleId: ids.role,
  name: 'Clerk',
  description: 'Books bills',
  builtIn: false,
  holders: 1,
  version: 3,
  permissions: ['accounting.entry.read'],
  fields: [],
  can: [],
  cannot: [],
  heldBy: [{ grantId: ids.kari, holderId: ids.kari, holderName: 'Kari Nes' }],
  ...more,
});

export const review = (more: Record<string, unknown> = {}) => ({
  reviewId: ids.review,
  number: '2026-1',
  name: 'Access review 2026',
  dueOn: '2026-12-31',
  reviewerIds: null,
  startedAt: '2026-11-20T08:00:00.000Z',
  startedBy: ids.kari,
  startedByName: 'Kari Nes',
  listedTrail: '412',
  items: 3,
  total: 3,
  left: 3,
  revoking: 0,
  kept: 0,
  revoked: 0,
  closedAt: null,
  closedBy: null,
  status: 'open',
  version: 1,
  ...more,
});
export const item = (index: number, more: Record<string, unknown> = {}) => ({
  reviewId: ids.review,
  itemId: `0195f000-0000-7000-8000-00000000f${String(index).padStart(3, '0')}`,
  grantId: `0195f000-0000-7000-8000-00000000a${String(index).padStart(3, '0')}`,
  holder: 'person',
  holderId: ids.kari,
  holderName: `Person ${index}`,
  role: 'Accountant',
  roleName: 'Accountant',
  companyId: null,
  party: null,
  since: '2026-01-05T08:00:00.000Z',
  until: null,
  givenBy: null,
  givenByName: null,
  lastUsedAt: null,
  decision: null,
  reason: null,
  decidedBy: null,
  decidedByName: null,
  decidedAt: null,
  revocation: null,
  revocationNote: null,
  state: 'undecided',
  own: false,
  ...more,
});
