/* Which of its holder's permissions a key may use. No imports, because deciders use it too. */

/** Scopes are permission names; `*.read` covers every permission that only reads. */
export const readScope = '*.read';
export const covers = (scopes: readonly string[], permission: string): boolean =>
  scopes.includes(permission) || (scopes.includes(readScope) && /\.(read|list)$/.test(permission));
