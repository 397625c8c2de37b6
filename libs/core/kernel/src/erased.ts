/**
 * A function that has forgotten the types of its parameters, for lists and tables of functions that take different things: who
 * calls one passes what its declaration says, which the compiler cannot see there. No cast is needed to make one, since
 * TypeScript compares the parameters of a method in both directions.
 */
export type Erased<F extends (...parameters: never) => unknown> = {
  call(...parameters: readonly unknown[]): ReturnType<F>;
}['call'];
