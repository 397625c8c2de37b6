import { contextOfPermission, matchesPermission, readsOf } from '@daybook/kernel';

/* Which of its holder's permissions a key may use. Pure, because deciders use it too. */

/** Scopes are permissions; `crm.*.read` covers what only reads in `crm`, and nothing elsewhere. */
export const covers = (scopes: readonly string[], permission: string): boolean =>
  scopes.some((scope) => matchesPermission(scope, permission));

/** Is it the reading of a context that has anything to read? */
export const isReadScope = (scope: string, permissions: readonly string[]): boolean =>
  scope === readsOf(contextOfPermission(scope)) &&
  permissions.some((permission) => matchesPermission(scope, permission));
