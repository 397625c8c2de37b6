import type { DeclaredPermissions, FieldRule } from '@daybook/kernel';
import { isBuiltIn, permissionsOf } from '../roles.js';
import type { OwnRole } from '../tenant/tenant.state.js';

/** The tenant's own roles by id. */
export interface Roles {
  readonly roles: ReadonlyMap<string, OwnRole>;
}
const none: ReadonlySet<string> = new Set();

/** Cached per list of declared permissions, of which there is one per process; with those on the own account. */
const builtIn = new WeakMap<DeclaredPermissions, Map<string, ReadonlySet<string>>>();
const own = new WeakMap<OwnRole, ReadonlySet<string>>();

/** The permissions of a role; none if there is no such role. */
export function rolePermissions(role: string, { roles }: Roles, declared: DeclaredPermissions): ReadonlySet<string> {
  if (isBuiltIn(role)) {
    const known = builtIn.get(declared) ?? new Map<string, ReadonlySet<string>>();
    builtIn.set(declared, known);
    const found = known.get(role) ?? new Set(permissionsOf(role, declared));
    known.set(role, found);
    return found;
  }
  const defined = roles.get(role);
  if (!defined) return none;
  const found = own.get(defined) ?? new Set(defined.permissions);
  own.set(defined, found);
  return found;
}

const noFields: Readonly<Record<string, FieldRule>> = {};
export const roleFields = (role: string, { roles }: Roles): Readonly<Record<string, FieldRule>> => {
  const fields = roles.get(role)?.fields;
  return fields ? Object.fromEntries(fields.map(({ field, rule }) => [field, rule])) : noFields;
};

export const roleName = (role: string, { roles }: { roles: ReadonlyMap<string, { name: string }> }): string =>
  roles.get(role)?.name ?? role;
