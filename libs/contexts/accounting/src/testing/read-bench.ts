import { type CallOf, isRejection, type OutputOf, type QueryOperation, type Rejection } from '@daybook/kernel';
import { orm } from '@daybook/postgres';
import { type ProjectionEngine, ReadModels } from '@daybook/projections';
import { type Bench, openBench } from '@daybook/projections/testing/engine';
import { plainCatalogue } from '@daybook/projections/testing/event-log';
import type { Caller, OperationContext } from '@daybook/server';
import { Bindings, Dependencies } from '@daybook/server/dispatch/bindings';
import { Cursors, queryContextOf } from '@daybook/server/query/query-context';
import { accounting } from '../accounting.module.js';
import { MemoryLedger } from '../ledger/testing/memory-ledger.js';
import { tenant } from '../ledger/testing/given.js';

/** Real deciders, projections and queries of accounting over a real PostgreSQL, without the apps. For `*.int.spec.ts`. */
export interface ReadBench {
  readonly memory: MemoryLedger;
  readonly bench: Bench;
  readonly engine: ProjectionEngine;
  /** Projects what was recorded since the last call; returns the position. */
  project(): Promise<bigint>;
  ask<O extends QueryOperation>(operation: O, input: CallOf<O>, knownAt?: bigint): Promise<OutputOf<O>>;
  refused<O extends QueryOperation>(operation: O, input: CallOf<O>): Promise<Rejection>;
  end(): Promise<void>;
}

export async function openReadBench(): Promise<ReadBench> {
  const memory = new MemoryLedger();
  const { projections } = accounting;
  const bench = await openBench(projections);
  const engine = bench.engine({ catalogue: plainCatalogue(accounting.events) });
  const mikro = await orm(bench.database.apiUrl, { max: 2, application: 'books spec' });
  const reads = new ReadModels({ projections, head: () => bench.log.head() });
  const bindings = new Bindings([accounting]);
  const dependencies = new Dependencies();
  for (const binding of bindings.contexts.flatMap(({ bindings: own }) => own)) {
    if ('bindings' in binding.inject) dependencies.set(binding, { bindings });
  }
  const cursors = new Cursors('a secret that is long enough for a spec');
  const caller: Caller = {
    tenant,
    actor: { kind: 'person', id: tenant },
    channel: 'rest',
    address: null,
    correlationId: 'spec',
    reason: null,
  };
  const context = { events: memory.events } as OperationContext;
  let copied = 0;

  const run = (operation: QueryOperation, input: object, knownAt?: bigint): Promise<unknown> => {
    const moment = knownAt === undefined ? null : `position:${knownAt}`;
    const scope = { caller, context, cursors, bindings, dependencies, operation: operation.name, knownAt: moment };
    const binding = bindings.of(operation);
    if (binding.kind !== 'answer') throw new Error(`${operation.name} is not a query`);
    return reads.read(mikro.em.fork().getKysely<object>(), tenant, moment, (read) =>
      binding.handler(operation.input.parse(input), queryContextOf(read, scope), dependencies.of(binding)),
    );
  };
  return {
    memory,
    bench,
    engine,
    project: async () => {
      for (const { id, type, version, data, meta, stream } of memory.all().slice(copied)) {
        await bench.log.append(stream, 'any', [{ id, type: `${type}.v${version}`, data, meta }]);
        copied += 1;
      }
      return engine.catchUp();
    },
    ask: async (operation, input, knownAt) => {
      const answer = await run(operation, input, knownAt);
      if (isRejection(answer)) throw new Error(`${operation.name}: ${answer.code}: ${answer.message}`);
      return operation.output.parse(answer) as OutputOf<typeof operation>;
    },
    refused: async (operation, input) => {
      const answer = await run(operation, input);
      if (!isRejection(answer)) throw new Error(`${operation.name} answered ${JSON.stringify(answer)}`);
      return answer;
    },
    end: async () => {
      await mikro.close();
      await bench.end();
    },
  };
}
