import { postEntry } from '@daybook/accounting';
import type { Operation } from '@daybook/kernel';
import { messageOf } from '@daybook/server/dispatch/message';
import {
  EXCEPTION_FILTERS_METADATA,
  GUARDS_METADATA,
  INTERCEPTORS_METADATA,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants.js';
import type { Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { startApp, type TestApp } from '@daybook/testing/app';

/** Where `@CommandHandler` and `@QueryHandler` note the message; the package keeps the names to itself. */
const handles = { command: '__commandHandler__', query: '__queryHandler__' } as const;
const namesOf = (key: string, handler: object): string[] =>
  ((Reflect.getMetadata(key, handler) ?? []) as Type[]).map(({ name }) => name);
const pipesOf = (handler: Type): string[] =>
  Object.values(Reflect.getMetadata(ROUTE_ARGS_METADATA, handler, 'handle') as Record<string, { pipes: Type[] }>)
    .flatMap(({ pipes }) => pipes)
    .map(({ name }) => name);

/** The module and the class that Nest calls for an operation, looked up as its buses do. */
function handlerOf(app: TestApp, operation: Operation) {
  const found = [...app.app.get(ModulesContainer).values()].flatMap((module) =>
    [...module.providers.values()].flatMap(({ metatype }) =>
      typeof metatype === 'function' && Reflect.getMetadata(handles[operation.kind], metatype) === messageOf(operation)
        ? [{ module, handler: metatype as Type }]
        : [],
    ),
  );
  expect(found).toHaveLength(1);
  return found[0]!;
}

describe('an operation in Nest', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  it('has a module, a handler on the bus, a guard, a pipe, interceptors and a filter', () => {
    const { module, handler } = handlerOf(app, postEntry);
    expect({
      module: module.name,
      handler: handler.name,
      guards: namesOf(GUARDS_METADATA, handler),
      pipes: pipesOf(handler),
      interceptors: namesOf(INTERCEPTORS_METADATA, handler),
      filters: namesOf(EXCEPTION_FILTERS_METADATA, handler),
    }).toEqual({
      module: 'AccountingModule',
      handler: 'AccountingEntryPostHandler',
      guards: ['OperationGuard'],
      pipes: ['ValidationPipe'],
      interceptors: [
        'MetricsInterceptor',
        'LoggingInterceptor',
        'ConcurrencyInterceptor',
        'AnswerInterceptor',
        'CurrentRightsInterceptor',
        'IdempotencyInterceptor',
      ],
      filters: ['OperationFilter'],
    });
    const injectables = [...module.injectables.values()].map(({ name }) => name);
    expect(injectables).toEqual(expect.arrayContaining(['OperationGuard', 'ValidationPipe', 'OperationFilter']));
  });

  it('has the same ones as every other operation, in the module of its context', () => {
    const { operations } = app.api.bindings;
    expect(operations.length).toBeGreaterThan(100);
    const parts = (operation: Operation) => {
      const { module, handler } = handlerOf(app, operation);
      const around = [GUARDS_METADATA, INTERCEPTORS_METADATA, EXCEPTION_FILTERS_METADATA];
      return [
        module.name.toLowerCase(),
        ...around.map((key) => namesOf(key, handler).join(' ')),
        pipesOf(handler).join(),
      ];
    };
    const [, ...expected] = parts(postEntry);
    for (const operation of operations) {
      const context = operation.name.split('.')[0]!;
      expect([operation.name, ...parts(operation)]).toEqual([operation.name, `${context}module`, ...expected]);
    }
  });
});
