/*
 * Permissions, and patterns of them. A pattern begins with the name of its context and reaches into no other: `crm.*` is
 * everything of `crm`, `crm.*.read` what only reads there, `crm.contact.*` everything of one noun. So a new context gives
 * nothing to a role or an API key that does not name it.
 */

/** The roles of every tenant. Each context says in its face which of its permissions they have. */
export const builtInRoles = ['Admin', 'Accountant', 'Staff', 'Auditor', 'Vendor'] as const;
export type BuiltInRole = (typeof builtInRoles)[number];

/** What a context gives to the built-in roles: permissions of its own, or patterns of them. */
export type RolePatterns<C extends string = string> = Readonly<
  Partial<Record<BuiltInRole, readonly `${C}.${string}`[]>>
>;

/** The permissions that there are, and those that the built-in roles have of them. */
export interface DeclaredPermissions {
  readonly permissions: readonly string[];
  readonly roles: Readonly<Record<BuiltInRole, ReadonlySet<string>>>;
}

/** All that only reads in a context. */
export const readsOf = <C extends string>(context: C): `${C}.*.read` => `${context}.*.read`;

/** The context that a permission or a pattern is of. */
export const contextOfPermission = (permission: string): string => permission.slice(0, permission.indexOf('.'));

const compiled = new Map<string, RegExp>();
/** Is it this permission, or one that the pattern names? A pattern without a context matches nothing. */
export function matchesPermission(pattern: string, permission: string): boolean {
  if (pattern === permission) return true;
  if (!pattern.includes('*') || contextOfPermission(pattern).includes('*') || !pattern.includes('.')) return false;
  let found = compiled.get(pattern);
  if (!found) compiled.set(pattern, (found = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`)));
  return found.test(permission);
}

/** What the contexts give to the built-in roles. A pattern that names another context, or no permission, is an error at start. */
export function declaredPermissions(
  permissions: readonly string[],
  given: readonly { readonly name: string; readonly roles: RolePatterns }[],
): DeclaredPermissions {
  const contributed = (role: BuiltInRole) =>
    given.flatMap(({ name, roles }) => (roles[role] ?? []).map((pattern) => ({ name, role, pattern })));
  const namedBy = ({ name, role, pattern }: ReturnType<typeof contributed>[number]): string[] => {
    if (contextOfPermission(pattern) !== name) throw new Error(`${name} gives ${pattern} to ${role}: not its own.`);
    const named = permissions.filter((permission) => matchesPermission(pattern, permission));
    if (named.length === 0) throw new Error(`${name} gives ${pattern} to ${role}, which names no permission.`);
    return named;
  };
  const roles = builtInRoles.map((role) => [role, new Set(contributed(role).flatMap(namedBy))] as const);
  return { permissions, roles: Object.fromEntries(roles) as unknown as DeclaredPermissions['roles'] };
}
