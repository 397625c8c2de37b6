import { type CallOf, isRejection, type OutputOf, type QueryOperation, type Rejection } from '@daybook/kernel';
import type { ReadContext } from '@daybook/projections';
import type { Caller, OperationContext, QueryContext } from '../context.js';
import type { Bindings } from '../dispatch/bindings.js';
import type { Dependencies } from '../dispatch/dependencies.js';
import { validate } from '../dispatch/validate.js';
import { type Cursors, cutPage } from './cursor.js';

export interface QueryScope {
  readonly caller: Caller;
  readonly context: OperationContext;
  readonly cursors: Cursors;
  readonly bindings: Bindings;
  readonly dependencies: Dependencies;
  readonly operation: string;
  readonly knownAt: string | null;
}

/** Extends a read context with what queries need: caller, pages, files, past events, and other contexts' queries. */
export function queryContextOf(read: ReadContext, scope: QueryScope): QueryContext {
  const { caller, context, cursors, operation, knownAt } = scope;
  return {
    tenant: read.tenant,
    db: read.db,
    position: read.position,
    past: read.past,
    stamp: read.stamp,
    rows: (table) => read.rows(table),
    ...context,
    caller,
    ask: async <O extends QueryOperation>(asked: O, input: CallOf<O>) => {
      const valid = validate(asked, input);
      if (isRejection(valid)) return valid;
      const binding = scope.bindings.of(asked);
      if (binding.kind !== 'answer') throw new Error(`${asked.name} is not answered from read models`);
      const inner = queryContextOf(read, { ...scope, operation: asked.name });
      return (await binding.handler(valid.input, inner, scope.dependencies.of(binding))) as OutputOf<O> | Rejection;
    },
    page: (request, filters, key, fetch) =>
      cutPage(cursors, { tenant: caller.tenant, operation, filters, knownAt }, request, key, fetch),
  };
}
