import { decideRecord, type EventsOf, foldsInto, reject, type Rejection, without } from '@daybook/kernel';
import { sodViolated } from '../segregation-of-duties/sod-violated.js';
import { sodViolationKey, sodViolationsIn } from '../segregation-of-duties/sod-violations.js';
import { roleDefined, roleEvents, roleRedefined, roleRemoved } from '../role/role.events.js';
import { changeRole, defineRole, removeRole, type roleCommands } from '../role/role.operations.js';
import { roleRecord } from '../role/role.record.js';
import { builtInRoles, isBuiltIn, isOwn } from '../roles.js';
import { escalationRefused, firstEscalation, hidesAsMuch } from './escalation-guard.js';
import {
  type TenantFolds,
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

type Described = Pick<OwnRole, 'roleId' | 'name' | 'permissions' | 'fields'>;

export const roleRules: TenantRules<typeof roleCommands> = {
  'identity.role.define': (input, state, context, facts) =>
    decideRecord(defineRole, roleEvents, null, inOrder(input), context, (role) => {
      return invalidDefinition(role, state, facts) ?? roleDefined.of(role);
    }),

  'identity.role.change': (input, state, context, facts) => {
    const known = state.roles.get(input.roleId) ?? null;
    return isBuiltIn(input.roleId)
      ? builtInRejection(input.roleId)
      : decideRecord(changeRole, roleEvents, known, inOrder(input), context, (asked) => {
          const changed = roleRedefined.of(asked);
          const after = roleFolds['identity.role-redefined'](state, changed.data);
          return refusedChange(input.roleId, state, after, context.now.slice(0, 10), facts) ?? changed;
        });
  },

  'identity.role.remove': (input, state, context) => {
    const { roleId } = input;
    if (isBuiltIn(roleId)) return builtInRejection(roleId);
    const known = state.roles.get(roleId) ?? null;
    return decideRecord(removeRole, roleEvents, known, input, context, () => {
      const { name = '' } = known ?? {};
      const holders = holdersOf(roleId, state).length;
      return holders > 0
        ? reject('identity.role-in-use', `${holders} grants still use the role ${name}. Revoke them first.`, {
            details: { holders },
          })
        : roleRemoved.of({ roleId, name });
    });
  },
};

const holdersOf = (roleId: string, { grants }: TenantState) =>
  [...grants.values()].filter(({ role }) => role === roleId);

/** Equal definitions are equal lists, each name once. */
const inOrder = <I extends Partial<Pick<OwnRole, 'permissions' | 'fields'>>>(input: I): I => ({
  ...input,
  ...(input.permissions && { permissions: [...new Set(input.permissions)].sort() }),
  ...(input.fields && { fields: [...input.fields].sort((a, b) => (a.field < b.field ? -1 : 1)) }),
});

/** Why a role may not become what it is in `after`; null if it may. */
function refusedChange(
  roleId: string,
  state: TenantState,
  after: TenantState,
  today: string,
  facts: TenantFacts,
): Rejection | null {
  const [known, changed] = [state.roles.get(roleId), after.roles.get(roleId)];
  if (!known || !changed) return null;
  const invalid = invalidDefinition(changed, state, facts);
  if (invalid) return invalid;
  if (holdersOf(roleId, state).some(({ holderId }) => holderId === facts.giver?.id)) {
    return reject('identity.own-role-change', 'You cannot change a role that you hold. Ask another Admin.', {
      status: 403,
    });
  }
  const left = new Map(changed.fields.map(({ field, rule }) => [field, rule]));
  const loosened = known.fields.some(({ field, rule }) => !hidesAsMuch(left.get(field), rule));
  const permissions = changed.permissions.filter(
    (permission) => !isOwn(permission) && (loosened || !known.permissions.includes(permission)),
  );
  const everywhere = { companyId: null, party: null };
  const missing = firstEscalation({ permissions, fields: Object.fromEntries(left) }, everywhere, state, today, facts);
  if (missing !== null) return escalationRefused(missing);
  const before = new Set(sodViolationsIn(state, facts.declared, today).map(sodViolationKey));
  const brought = sodViolationsIn(after, facts.declared, today).find((one) => !before.has(sodViolationKey(one)));
  return brought ? sodViolated({ ...brought, rule: { ...brought.rule, mitigation: null } }, after) : null;
}

function invalidDefinition(input: Described, state: TenantState, facts: TenantFacts): Rejection | null {
  const same = (name: string) => name.toLowerCase() === input.name.toLowerCase();
  const taken =
    builtInRoles.some(same) ||
    [...state.roles.values()].some((role) => role.roleId !== input.roleId && same(role.name));
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
  ...foldsInto(roleRecord, 'roles', [roleDefined, roleRedefined]),
  'identity.role-removed': (state, { roleId }) => ({ ...state, roles: without(state.roles, roleId) }),
};
