import { type DynamicModule, type ModuleMetadata, type Provider, type Type } from '@nestjs/common';
import { MODULE_METADATA } from '@nestjs/common/constants.js';
import type { Context } from '../context.js';
import type { Binding } from '../dispatch/bindings.js';
import { Dependencies, injectInto, type Injecting, namedAs } from '../dispatch/dependencies.js';
import { handlerFor } from '../dispatch/operation-handler.js';
import { named } from '../dispatch/message.js';

/** Nest token under which the module of a context provides the context itself. */
const CONTEXT = Symbol('Context');

/**
 * The metadata of a context's Nest module, generated from its declarations: a handler on the command or query bus per
 * operation, and the context's own providers.
 *
 *   @Module(contextModule(accounting))
 *   export class AccountingModule {}
 */
export function contextModule(context: Context, more: Omit<ModuleMetadata, 'controllers'> = {}): ModuleMetadata {
  const handlers = [...context.bindings, ...context.internal].flatMap(handlersOf);
  const others: Injecting[] = [
    ...context.jobs,
    ...context.mailTemplates,
    ...(context.personalData ? [context.personalData] : []),
  ];
  return {
    ...more,
    providers: [
      { provide: CONTEXT, useValue: context },
      ...handlers,
      ...others.map((one, index) => injectionFor(one, `${context.name}Injection${index}`)),
      ...(more.providers ?? []),
    ],
  };
}

const handlersOf = (binding: Binding): Type[] =>
  binding.kind === 'decide'
    ? binding.operations.map((operation) => handlerFor(operation, binding))
    : [handlerFor(binding.operation, binding)];

/** A provider whose only purpose is to have Nest inject what jobs, mail templates and personal data declare. */
function injectionFor(of: Injecting, name: string): Type {
  class Injection {
    constructor(dependencies: Dependencies, ...injected: readonly unknown[]) {
      dependencies.set(of, namedAs(of, injected));
    }
  }
  injectInto(Injection, [Dependencies, ...Object.values(of.inject)]);
  return named(Injection, name);
}

/** The module of a context without a class of its own, for specs of this library. */
export const moduleOf = (context: Context): DynamicModule => ({
  module: named(class {}, `${context.name}Module`),
  ...contextModule(context),
});

/** All contexts that a module imports, at any depth, in import order. */
export function contextsIn(module: Type | DynamicModule): readonly Context[] {
  const found = new Set<Context>();
  const look = (one: Type | DynamicModule): void => {
    const cls = typeof one === 'function' ? one : one.module;
    const of = (key: string): unknown[] => [
      ...((Reflect.getMetadata(key, cls) as unknown[] | undefined) ?? []),
      ...(typeof one === 'function' ? [] : (((one as unknown as Record<string, unknown>)[key] as unknown[]) ?? [])),
    ];
    for (const inner of of(MODULE_METADATA.IMPORTS)) look(inner as Type | DynamicModule);
    for (const provider of of(MODULE_METADATA.PROVIDERS)) {
      const { provide, useValue } = provider as Extract<Provider, { useValue?: unknown }>;
      if (provide === CONTEXT) found.add(useValue as Context);
    }
  };
  look(module);
  return [...found];
}
