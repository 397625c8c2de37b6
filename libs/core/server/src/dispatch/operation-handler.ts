import type { Operation, Rejection } from '@daybook/kernel';
import {
  createParamDecorator,
  type OnModuleInit,
  type Type,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { ExternalContextCreator } from '@nestjs/core';
import { CommandHandler, QueryHandler } from '@nestjs/cqrs';
import { type Binding, Dependencies, injectInto, namedAs } from './bindings.js';
import { ConcurrencyInterceptor } from './concurrency.interceptor.js';
import {
  AnswerInterceptor,
  IdempotencyInterceptor,
  LoggingInterceptor,
  MetricsInterceptor,
  ValidationPipe,
} from './enhancers.js';
import { classNameOf, messageIn, messageOf, named, type OperationMessage } from './message.js';
import { OperationFilter } from './operation.filter.js';
import { CurrentRightsInterceptor, OperationGuard } from './operation.guard.js';
import { OperationRunner } from './operation-runner.js';
import type { Answered } from './request.js';

/** Nest's context type while guard, interceptors, pipe and filter of an operation run. */
const contextType = 'operation';

/** Parameter decorator for the message; with ValidationPipe it becomes the validated input. */
const Message = createParamDecorator((_: unknown, context) => messageIn(context));

/** Handlers here have none of Nest's HTTP parameters (body, query, …). */
const noOtherParameters = { exchangeKeyForValue: () => undefined };

/**
 * The handler of one operation on Nest's command or query bus, generated from its declaration. Nest runs the guard,
 * interceptors, pipe and filter named here for every message, whatever its origin.
 */
export function handlerFor(operation: Operation, binding: Binding): Type {
  @UseGuards(OperationGuard)
  @UseInterceptors(
    MetricsInterceptor,
    LoggingInterceptor,
    ConcurrencyInterceptor,
    AnswerInterceptor,
    CurrentRightsInterceptor,
    IdempotencyInterceptor,
  )
  @UseFilters(OperationFilter)
  class OperationHandler implements OnModuleInit {
    private run: ((message: OperationMessage) => Promise<Answered | Rejection>) | null = null;

    constructor(
      private readonly contexts: ExternalContextCreator,
      private readonly runner: OperationRunner,
      dependencies: Dependencies,
      ...injected: readonly unknown[]
    ) {
      dependencies.set(binding, namedAs(binding, injected));
    }

    onModuleInit(): void {
      this.run = this.contexts.create(
        this,
        this.handle as (...args: unknown[]) => unknown,
        'handle',
        ROUTE_ARGS_METADATA,
        noOtherParameters,
        undefined,
        undefined,
        { guards: true, interceptors: true, filters: true },
        contextType,
      );
    }

    execute(message: OperationMessage): Promise<Answered | Rejection> {
      if (this.run === null) throw new Error(`${operation.name} is called before its module is initialised`);
      return this.run(message);
    }

    handle(
      @Message(ValidationPipe) input: Record<string, unknown>,
      @Message() message: OperationMessage,
    ): Promise<Answered | Rejection> {
      return this.runner.run(binding, message, input);
    }
  }

  injectInto(OperationHandler, [
    ExternalContextCreator,
    OperationRunner,
    Dependencies,
    ...Object.values(binding.inject),
  ]);
  const handles = operation.kind === 'command' ? CommandHandler : QueryHandler;
  handles(messageOf(operation))(OperationHandler);
  return named(OperationHandler, `${classNameOf(operation)}Handler`);
}
