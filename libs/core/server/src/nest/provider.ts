import type { InjectionToken, Provider } from '@nestjs/common';
import { namedAs } from '../dispatch/dependencies.js';
import type { Injected, Injections } from './tokens.js';

/** A factory provider whose function gets its dependencies by name. */
export const provider = <T, const I extends Injections>(
  provide: InjectionToken<T>,
  inject: I,
  make: (injected: Injected<I>) => T | Promise<T>,
): Provider => ({
  provide,
  inject: Object.values(inject) as InjectionToken[],
  useFactory: (...values: unknown[]) => make(namedAs({ inject }, values) as Injected<I>),
});
