import { type Access, anonymous, type EffectiveGrant } from '../dispatch/access.js';

/** A grant for the whole tenant with these permissions; `more` limits it. */
export const grantOf = (permissions: Iterable<string>, more: Partial<EffectiveGrant> = {}): EffectiveGrant => ({
  role: 'Test',
  companyId: null,
  party: null,
  permissions: new Set(permissions),
  fields: {},
  ...more,
});

/** A person who signed in just now, with these permissions in the whole tenant. */
export const accessOfPerson = (
  tenant: string,
  person: string,
  permissions: Iterable<string>,
  more: Partial<Access> = {},
): Access => ({
  ...anonymous,
  tenant,
  actor: { kind: 'person', id: person },
  grants: [grantOf(permissions)],
  authenticatedAt: new Date().toISOString(),
  ...more,
});
