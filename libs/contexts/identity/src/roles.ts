import { type Role, role } from './role.schema.js';

/*
 * Roles are lists of permissions. Patterns are allowed only here. They are expanded against the permissions that
 * operations declare, and a spec shows the expanded lists, so that the roles of a new operation are a visible decision.
 */
interface RolePatterns {
  readonly description: string;
  readonly permissions: readonly string[];
  /** Removed again from the patterns of `permissions`, except reads. */
  readonly except?: readonly string[];
}

/** What every member may do with their own account, and with lists that they may read, whatever their roles are. */
const own = [
  'platform.export.*',
  'platform.import*',
  'identity.session.read',
  'identity.session.confirm',
  'identity.password.change',
  'identity.own*',
  'identity.delegated-access.*',
  // Who may read a record reads what people say about it, follows it, and is told.
  'collaboration.thread.*',
  'collaboration.notice.read',
];
const reads = ['*.read', '*.list'];

const patterns: Readonly<Record<Role, RolePatterns>> = {
  Admin: {
    description: 'Runs the tenant: people, rights, companies and charts. Does not post to the books.',
    permissions: ['*'],
    except: ['accounting.entry.*', 'accounting.import.*'],
  },
  Accountant: {
    description: 'Keeps the books of the companies in their grants.',
    permissions: ['accounting.*', 'files.*', 'platform.job.*', 'approvals.request.*', 'collaboration.*', ...reads],
  },
  Staff: {
    description: 'Looks things up in the books and their documents.',
    permissions: [
      'accounting.*.read',
      'customization.*.read',
      'files.file.read',
      'identity.person.read',
      'collaboration.comment.write',
      'collaboration.tag.read',
      'collaboration.record.tag',
      'collaboration.task.set',
    ],
  },
  Auditor: { description: 'Reads everything and changes nothing.', permissions: reads },
  Vendor: {
    description: 'Sees their own lines and nothing else.',
    permissions: ['accounting.subledger-line.read'],
  },
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
export const descriptionOf = (of: Role): string => patterns[of].description;

/** Is it a permission over the own account, which every member holds? */
export const isOwn = (permission: string): boolean => anyOf(own, permission);
export const ownPermissions = (declared: Iterable<string>): string[] => [...new Set(declared)].filter(isOwn).sort();

/** The declared permissions of a built-in role, sorted. */
export function permissionsOf(of: Role, declared: Iterable<string>): string[] {
  const { permissions, except = [] } = patterns[of];
  const held = (permission: string) =>
    isOwn(permission) || (anyOf(permissions, permission) && (!anyOf(except, permission) || anyOf(reads, permission)));
  return [...new Set(declared)].filter(held).sort();
}
