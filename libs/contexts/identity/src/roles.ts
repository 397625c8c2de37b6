import { type Role, role } from './role.schema.js';

/*
 * Roles are lists of permissions. A pattern is allowed here and nowhere else; it is expanded against the permissions
 * that operations declare, and a spec shows the expanded lists, so that a new operation is a visible decision.
 */
interface RolePatterns {
  readonly says: string;
  readonly holds: readonly string[];
  /** Taken out again of what `holds` names by a pattern; reads stay. */
  readonly but?: readonly string[];
}

/** What everybody does with his own account; every member holds it, whatever his roles are. */
const own = [
  'identity.session.read',
  'identity.session.confirm',
  'identity.password.change',
  'identity.own*',
  'identity.delegated-access.*',
];
const reads = ['*.read', '*.list'];

const patterns: Readonly<Record<Role, RolePatterns>> = {
  Admin: {
    says: 'Runs the tenant: people, rights, companies and charts. Does not post to the books.',
    holds: ['*'],
    but: ['accounting.entry.*', 'accounting.import.*'],
  },
  Accountant: {
    says: 'Keeps the books of the companies he is given.',
    holds: ['accounting.*', 'files.*', 'platform.job.*', 'approvals.command.*', ...reads],
  },
  Staff: {
    says: 'Looks things up in the books and their documents.',
    holds: ['accounting.*.read', 'files.file.read', 'identity.person.read'],
  },
  Auditor: { says: 'Reads everything and changes nothing.', holds: reads },
  Vendor: { says: 'Sees what is his own, and nothing else.', holds: ['accounting.own-subledger-line.read'] },
};

/** `accounting.*.read` allows any text where the star stands. */
const compiled = new Map<string, RegExp>();
function matches(pattern: string, permission: string): boolean {
  let found = compiled.get(pattern);
  if (!found) compiled.set(pattern, (found = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`)));
  return found.test(permission);
}
const anyOf = (list: readonly string[], permission: string): boolean => list.some((one) => matches(one, permission));

export const isBuiltIn = (of: string): of is Role => role.safeParse(of).success;
export const builtInRoles: readonly Role[] = role.options;
export const saysOf = (of: Role): string => patterns[of].says;

/** What every member may do with his own account. */
export const isOwn = (permission: string): boolean => anyOf(own, permission);
export const ownPermissions = (declared: Iterable<string>): string[] => [...new Set(declared)].filter(isOwn).sort();

/** The permissions of a built-in role, sorted, out of all that are declared. */
export function permissionsOf(of: Role, declared: Iterable<string>): string[] {
  const { holds, but = [] } = patterns[of];
  const held = (permission: string) =>
    isOwn(permission) || (anyOf(holds, permission) && (!anyOf(but, permission) || anyOf(reads, permission)));
  return [...new Set(declared)].filter(held).sort();
}
