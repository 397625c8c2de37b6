import { accept, checkVersion, type EventsOf, reject, type Rejection, withKey, without } from '@daybook/kernel';
import { sodViolated } from '../segregation-of-duties/sod-violated.js';
import { sodViolationKey, sodViolationsIn } from '../segregation-of-duties/sod-violations.js';
import { roleDefined, type roleEvents, roleRedefined, roleRemoved } from '../role/role.events.js';
import type { roleCommands } from '../role/role.operations.js';
import type { RoleField } from '../role.schema.js';
import { builtInRoles, isBuiltIn, isOwn } from '../roles.js';
import { escalationRefused, firstEscalation, hidesAsMuch } from './escalation-guard.js';
import {
  type TenantFolds,
  notFound,
  type OwnRole,
  type TenantRules,
  type TenantFacts,
  type TenantState,
} from './tenant.state.js';

/*
 * The tenant's own roles. A change affects every holder at once, so it is checked as if the role were given to each of
 * them anew. Holders of a role cannot change it, since that would be giving to themselves.
 */
const builtInRejection = (role: string): Rejection =>
  reject('identity.role-built-in', `${role} is built in and cannot be changed. Define a role of your own.`);
const roleNotFound = () => notFound('role', 'identity.role-not-found');

interface Described {
  readonly name: string;
  readonly description: string;
  readonly permissions: readonly string[];
  readonly fields: readonly RoleField[];
}

export const roleRules: TenantRules<typeof roleCommands> = {
  'identity.role.define': (input, state, context, facts) => {
    const roleId = context.newId;
    return invalidDefinition(input, roleId, state, facts) ?? accept(roleId, 1, roleDefined.of(dataOf(roleId, input)));
  },

  'identity.role.change': ({ roleId, ...patch }, state, context, facts) => {
    if (isBuiltIn(roleId)) return builtInRejection(roleId);
    const known = state.roles.get(roleId);
    if (!known) return roleNotFound();
    const input: Described = {
      name: patch.name ?? known.name,
      description: patch.description ?? known.description,
      permissions: patch.permissions ?? known.permissions,
      fields: patch.fields ?? known.fields,
    };
    const stale = checkVersion(context, known.version) ?? invalidDefinition(input, roleId, state, facts);
    if (stale) return stale;
    const today = context.now.slice(0, 10);
    const holders = [...state.grants.values()].filter(({ role }) => role === roleId);
    if (holders.some(({ holderId }) => holderId === facts.giver?.id)) {
      return reject('identity.own-role-change', 'You cannot change a role that you hold. Ask another Admin.', {
        status: 403,
      });
    }
    const changed = dataOf(roleId, input);
    const left = new Map(changed.fields.map(({ field, rule }) => [field, rule]));
    const loosened = known.fields.some(({ field, rule }) => !hidesAsMuch(left.get(field), rule));
    const more = changed.permissions.filter(
      (permission) => !isOwn(permission) && (loosened || !known.permissions.includes(permission)),
    );
    const missing = firstEscalation(
      { permissions: more, fields: Object.fromEntries(left) },
      { companyId: null, party: null },
      state,
      today,
      facts,
    );
    if (missing !== null) return escalationRefused(missing);
    const after = roleFolds['identity.role-redefined'](state, changed);
    const before = new Set(sodViolationsIn(state, facts.declared, today).map(sodViolationKey));
    const brought = sodViolationsIn(after, facts.declared, today).find((one) => !before.has(sodViolationKey(one)));
    return brought
      ? sodViolated({ ...brought, rule: { ...brought.rule, mitigation: null } }, after)
      : accept(roleId, known.version + 1, roleRedefined.of(changed));
  },

  'identity.role.remove': ({ roleId }, state) => {
    if (isBuiltIn(roleId)) return builtInRejection(roleId);
    const known = state.roles.get(roleId);
    if (!known) return roleNotFound();
    const holders = [...state.grants.values()].filter(({ role }) => role === roleId).length;
    return holders > 0
      ? reject('identity.role-in-use', `${holders} grants still use the role ${known.name}. Revoke them first.`, {
          details: { holders },
        })
      : accept(roleId, known.version + 1, roleRemoved.of({ roleId, name: known.name }));
  },
};

const dataOf = (roleId: string, { name, description, permissions, fields }: Described) => ({
  roleId,
  name,
  description,
  permissions: [...new Set(permissions)].sort(),
  fields: [...fields].sort((a, b) => (a.field < b.field ? -1 : 1)),
});

function invalidDefinition(input: Described, roleId: string, state: TenantState, facts: TenantFacts): Rejection | null {
  const same = (name: string) => name.toLowerCase() === input.name.toLowerCase();
  const taken =
    builtInRoles.some(same) || [...state.roles.values()].some((role) => role.roleId !== roleId && same(role.name));
  if (taken) {
    const message = `There is already a role called ${input.name}. Choose another name.`;
    return reject('identity.role-name-exists', message, {
      errors: [{ pointer: '/name', code: 'identity.role-name-exists', message }],
    });
  }
  const unknown = [
    ...unknownNames(input.permissions, facts.declared.permissions, 'permissions', 'permission'),
    ...unknownNames(
      input.fields.map(({ field }) => field),
      facts.guarded,
      'fields',
      'field that can be hidden',
    ),
  ];
  const twice = input.fields.length !== new Set(input.fields.map(({ field }) => field)).size;
  if (twice) return reject('identity.field-duplicate', 'A field is listed twice. List it once.');
  return unknown.length > 0
    ? reject('identity.permission-not-found', unknown[0]?.message ?? '', { errors: unknown })
    : null;
}

const unknownNames = (named: readonly string[], known: readonly string[], list: string, what: string) =>
  named.flatMap((one, index) =>
    known.includes(one)
      ? []
      : [
          {
            pointer: `/${list}/${index}`,
            code: 'identity.permission-not-found',
            message: `There is no ${what} ${one}. Choose one from the list of permissions.`,
          },
        ],
  );

export const roleFolds: TenantFolds<EventsOf<typeof roleEvents>> = {
  'identity.role-defined': (state, role) => withRole(state, { ...role, version: 1 }),
  'identity.role-redefined': (state, role) =>
    withRole(state, { ...role, version: (state.roles.get(role.roleId)?.version ?? 0) + 1 }),
  'identity.role-removed': (state, { roleId }) => ({ ...state, roles: without(state.roles, roleId) }),
};
const withRole = (state: TenantState, role: OwnRole): TenantState => ({
  ...state,
  roles: withKey(state.roles, role.roleId, role),
});
