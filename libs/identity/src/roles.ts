import type { Role } from './role.schema.js';

/*
 * Roles are lists of permissions. A pattern is allowed here and nowhere else; it is expanded against the permissions
 * that operations declare, and a spec shows the expanded lists, so that a new operation is a visible decision.
 */
/** What everybody does with his own account. */
const own = ['identity.password.change'];

const patterns: Readonly<Record<Role, readonly string[]>> = {
  Admin: ['*'],
  Accountant: ['accounting.*', 'files.*', 'platform.job.*', '*.read', ...own],
  Auditor: ['*.read', ...own],
};

const matches = (pattern: string, permission: string): boolean =>
  pattern === '*' ||
  (pattern.startsWith('*.') && permission.endsWith(pattern.slice(1))) ||
  (pattern.endsWith('.*') && permission.startsWith(pattern.slice(0, -1))) ||
  pattern === permission;

/** The permissions of a role, sorted, out of all that are declared. */
export function permissionsOf(of: Role, declared: Iterable<string>): string[] {
  const held = (permission: string) => patterns[of].some((pattern) => matches(pattern, permission));
  return [...new Set(declared)].filter(held).sort();
}
