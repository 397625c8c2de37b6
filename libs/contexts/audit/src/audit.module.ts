import type { Operation } from '@daybook/kernel';
import { type Context, context } from '@daybook/server';
import { actsOf } from './trail/acts.js';
import { listEvents } from './trail/trail.operations.js';
import { trailProjection } from './trail/trail.projection.js';
import { trailAnswers } from './trail/trail.queries.js';

/** The audit trail of all contexts of the product; their operations give it its sentences. */
export function audit(contexts: readonly Context[]): Context {
  const operations = contexts
    .flatMap((c) => [...c.bindings, ...c.internal])
    .flatMap((b): readonly Operation[] => (b.kind === 'decide' ? b.operations : [b.operation]));
  const named = new Map(operations.map((o) => [o.name, o]));
  return context({
    name: 'audit',
    title: 'Audit trail',
    bindings: trailAnswers({
      operations: named,
      events: new Map(contexts.flatMap((c) => c.events.map((e) => [e.name, e]))),
    }),
    projections: [trailProjection],
    views: { audit: listEvents },
    personalData: actsOf(named),
  });
}
