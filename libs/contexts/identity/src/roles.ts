import { builtInRoles, contextOfPermission, type DeclaredPermissions, matchesPermission } from '@daybook/kernel';
import { type Role, role } from './role.schema.js';

/* What the built-in roles are for, and what everybody may do. Their permissions are in the faces of the contexts. */
const descriptions: Readonly<Record<Role, string>> = {
  Admin: 'Runs the tenant: people, rights, companies and charts. Does not post to the books.',
  Accountant: 'Keeps the books of the companies in their grants.',
  Staff: 'Looks things up in the books and their documents.',
  Auditor: 'Reads everything and changes nothing.',
  Vendor: 'Sees their own lines and nothing else.',
};

/** What every member may do with their own account, and with lists that they may read, whatever their roles are. */
const own = [
  'platform.export.*',
  'platform.import*',
  'identity.session.read',
  'identity.session.confirm',
  'identity.password.change',
  'identity.own*',
  'identity.delegated-access.*',
  // Who may read a record reads what people say about it, follows it, and is notified.
  'collaboration.thread.*',
  'collaboration.notification.*',
];

export { builtInRoles };
export const isBuiltIn = (of: string): of is Role => role.safeParse(of).success;
export const descriptionOf = (of: Role): string => descriptions[of];

/** Is it a permission over the own account, which every member holds? */
export const isOwn = (permission: string): boolean => own.some((pattern) => matchesPermission(pattern, permission));
export const ownPermissions = ({ permissions }: Pick<DeclaredPermissions, 'permissions'>): string[] =>
  permissions.filter(isOwn).sort();

/**
 * What is left of them to a session without the second factor that the tenant requires: enough to add one. What jobs read for a
 * person, they read with all rights of the person, so such a session starts none.
 */
export const accountPermissions = (declared: Pick<DeclaredPermissions, 'permissions'>): string[] =>
  ownPermissions(declared).filter((permission) => contextOfPermission(permission) === 'identity');

/** The declared permissions of a built-in role, sorted. */
export const permissionsOf = (of: Role, declared: DeclaredPermissions): string[] =>
  [...new Set([...declared.roles[of], ...ownPermissions(declared)])].sort();
