import { type Role, role } from './role.schema.js';

/*
 * Roles are lists of permissions. Patterns are allowed only here. They are expanded against the permissions that
 * operations declare, and a spec shows the expanded lists, so that the roles of a new operation are a visible decision.
 */
interface RolePatterns {
  readonly says: string;
  readonly holds: readonly string[];
  /** Removed again from the patterns of `holds`, except reads. */
  readonly but?: readonly string[];
}

/** What every member may do with their own account, whatever their roles are. */
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
    says: 'Keeps the books of the companies in their grants.',
    holds: ['accounting.*', 'files.*', 'platform.job.*', 'approvals.request.*', ...reads],
  },
  Staff: {
    says: 'Looks things up in the books and their documents.',
    holds: ['accounting.*.read', 'files.file.read', 'identity.person.read'],
  },
  Auditor: { says: 'Reads everything and changes nothing.', holds: reads },
  Vendor: { says: 'Sees their own lines and nothing else.', holds: ['accounting.own-subledger-line.read'] },
};

/** A star matches any text: `accounting.*.read`. */
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

/** Is it a permission over the own account, which every member holds? */
export const isOwn = (permission: string): boolean => anyOf(own, permission);
export const ownPermissions = (declared: Iterable<string>): string[] => [...new Set(declared)].filter(isOwn).sort();

/** The declared permissions of a built-in role, sorted. */
export function permissionsOf(of: Role, declared: Iterable<string>): string[] {
  const { holds, but = [] } = patterns[of];
  const held = (permission: string) =>
    isOwn(permission) || (anyOf(holds, permission) && (!anyOf(but, permission) || anyOf(reads, permission)));
  return [...new Set(declared)].filter(held).sort();
}
