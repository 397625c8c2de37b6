/** Ends every switch over a union: a forgotten case is a type error here, not a silent default. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled case: ${JSON.stringify(value)}`);
}
