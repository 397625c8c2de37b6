import type { InjectionToken, Provider } from '@nestjs/common';
import type { Injected, Injections } from './tokens.js';

/** A provider made by a function of other providers, which it gets by name. */
export const provider = <T, const I extends Injections>(
  provide: InjectionToken<T>,
  inject: I,
  make: (injected: Injected<I>) => T | Promise<T>,
): Provider => {
  const names = Object.keys(inject);
  return {
    provide,
    inject: Object.values(inject) as InjectionToken[],
    useFactory: (...values: unknown[]) =>
      make(Object.fromEntries(names.map((name, i) => [name, values[i]])) as unknown as Injected<I>),
  };
};
