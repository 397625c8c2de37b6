import { Inject, Injectable, type InjectionToken, type Type } from '@nestjs/common';
import { PARAMTYPES_METADATA } from '@nestjs/common/constants.js';
import type { Injections } from '../nest/tokens.js';

/** What names its dependencies: a binding, a job, a context's part in personal data. */
export interface Injecting {
  readonly inject: Injections;
}

/** What Nest injected for each binding, by the names that it asked with; filled by the handlers of modules as Nest makes them. */
@Injectable()
export class Dependencies {
  private readonly known = new Map<Injecting, object>();

  set(of: Injecting, injected: object): void {
    this.known.set(of, injected);
  }

  /** `never`, as handlers of every type take it: what was injected is known where the binding was declared. */
  of(binding: Injecting): never {
    const injected = this.known.get(binding);
    if (injected === undefined && Object.keys(binding.inject).length > 0) {
      throw new Error(`Nothing was injected for ${Object.keys(binding.inject).join(', ')}: is its module imported?`);
    }
    return (injected ?? {}) as never;
  }
}

/** Has Nest inject these into the constructor of a class that is made, in order. */
export function injectInto(made: Type, tokens: readonly InjectionToken[]): void {
  Reflect.defineMetadata(
    PARAMTYPES_METADATA,
    tokens.map(() => Object),
    made,
  );
  tokens.forEach((token, index) => Inject(token)(made, undefined, index));
}

/** What was injected, by the names that it was asked for with. */
export const namedAs = ({ inject }: Injecting, injected: readonly unknown[]): object =>
  Object.fromEntries(Object.keys(inject).map((name, index) => [name, injected[index]]));
