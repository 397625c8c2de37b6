/* What a key may use of its holder's rights. Without imports: deciders ask it too. */

/** Scopes are permissions by name; `*.read` stands for all that reads. */
export const readScope = '*.read';
export const covers = (scopes: readonly string[], permission: string): boolean =>
  scopes.includes(permission) || (scopes.includes(readScope) && /\.(read|list)$/.test(permission));
