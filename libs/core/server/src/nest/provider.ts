import type { InjectionToken, Provider } from '@nestjs/common';
import { namedAs } from '../dispatch/bindings.js';
import type { Injected, Injections } from './tokens.js';

type Made<T, I extends Injections> = new (injected: Injected<I>) => T;

/**
 * A factory provider whose function gets its dependencies by name. Without a function, the class itself takes them, as the
 * one argument of its constructor.
 */
export function provider<T, const I extends Injections>(provide: Made<T, I>, inject: I): Provider;
export function provider<T, const I extends Injections>(
  provide: InjectionToken<T>,
  inject: I,
  make: (injected: Injected<I>) => T | Promise<T>,
): Provider;
export function provider<T, const I extends Injections>(
  provide: InjectionToken<T>,
  inject: I,
  make = (injected: Injected<I>): T | Promise<T> => new (provide as Made<T, I>)(injected),
): Provider {
  return {
    provide,
    inject: Object.values(inject) as InjectionToken[],
    useFactory: (...values: unknown[]) => make(namedAs({ inject }, values) as Injected<I>),
  };
}
