import { Inject, Injectable, type InjectionToken, type Type } from '@nestjs/common';
import { PARAMTYPES_METADATA } from '@nestjs/common/constants.js';
import type { Injections } from '../nest/tokens.js';

/** What declares dependencies: a binding, a job, or the personal data of a context. */
export interface Injecting {
  readonly inject: Injections;
}

/** What Nest injected for each binding, by name; filled by the handlers as Nest instantiates them. */
@Injectable()
export class Dependencies {
  private readonly known = new Map<Injecting, object>();

  set(of: Injecting, injected: object): void {
    this.known.set(of, injected);
  }

  of(binding: Injecting): object {
    const injected = this.known.get(binding);
    if (injected === undefined && Object.keys(binding.inject).length > 0) {
      throw new Error(`Nothing was injected for ${Object.keys(binding.inject).join(', ')}: is its module imported?`);
    }
    return injected ?? {};
  }
}

/** Makes Nest inject these tokens, in order, into the constructor of a generated class. */
export function injectInto(made: Type, tokens: readonly InjectionToken[]): void {
  Reflect.defineMetadata(
    PARAMTYPES_METADATA,
    tokens.map(() => Object),
    made,
  );
  tokens.forEach((token, index) => Inject(token)(made, undefined, index));
}

/** The injected values by the names in `inject`. */
export const namedAs = ({ inject }: Injecting, injected: readonly unknown[]): object =>
  Object.fromEntries(Object.keys(inject).map((name, index) => [name, injected[index]]));
