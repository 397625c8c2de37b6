import type { DynamicModule, ForwardReference, ModuleMetadata, Provider, Type, ValueProvider } from '@nestjs/common';
import { MODULE_METADATA } from '@nestjs/common/constants.js';
import type { Context } from '../context.js';
import { type Binding, Dependencies, type Injecting, injectInto, namedAs } from '../dispatch/bindings.js';
import { handlerFor } from '../dispatch/operation-handler.js';
import { named } from '../dispatch/message.js';
import { processHandlerFor } from './process-handlers.js';

/** Nest token under which the module of a context provides the context itself. */
const CONTEXT = Symbol('Context');

/**
 * The metadata of a context's Nest module, generated from its declarations: a handler on the command or query bus per
 * operation, a handler per process, and the context's own providers.
 *
 *   @Module(contextModule(accounting))
 *   export class AccountingModule {}
 */
export function contextModule(context: Context, more: Omit<ModuleMetadata, 'controllers'> = {}): ModuleMetadata {
  const handlers = [...context.bindings, ...context.internal].flatMap(handlersOf);
  const others: Injecting[] = [
    ...context.jobs,
    ...context.schedules,
    ...context.mailTemplates,
    ...(context.personalData ? [context.personalData] : []),
  ];
  return {
    ...more,
    providers: [
      { provide: CONTEXT, useValue: context },
      ...handlers,
      ...context.processes.map(processHandlerFor),
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

type Imported = NonNullable<ModuleMetadata['imports']>[number];
const isForwardRef = (one: Imported): one is ForwardReference<() => Imported> => 'forwardRef' in one;

/**
 * All contexts that a module imports, at any depth, also by `forwardRef`; what a module imports comes before itself. A module
 * that is a promise is an error.
 */
export function contextsIn(root: Type | DynamicModule): readonly Context[] {
  const [seen, found] = [new Set<Imported>(), new Set<Context>()];
  const look = (imported: Imported): void => {
    const one = isForwardRef(imported) ? imported.forwardRef() : imported;
    if (one instanceof Promise) throw new Error('A module cannot be imported as a promise');
    if (seen.has(one)) return;
    seen.add(one);
    const { imports = [], providers = [] } = metadataOf(one as Type | DynamicModule);
    imports.forEach(look);
    for (const provider of providers) {
      if ('provide' in provider && provider.provide === CONTEXT)
        found.add((provider as ValueProvider<Context>).useValue);
    }
  };
  look(root);
  return [...found];
}

/** Imports and providers of a module: those of its class, and those that a dynamic module adds. */
function metadataOf(module: Type | DynamicModule): Pick<ModuleMetadata, 'imports' | 'providers'> {
  const isDynamic = typeof module !== 'function';
  const from = <T>(key: string): T[] => Reflect.getMetadata(key, isDynamic ? module.module : module) ?? [];
  const { imports = [], providers = [] } = isDynamic ? module : {};
  return {
    imports: [...from<Imported>(MODULE_METADATA.IMPORTS), ...imports],
    providers: [...from<Provider>(MODULE_METADATA.PROVIDERS), ...providers],
  };
}
