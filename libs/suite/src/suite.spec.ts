import type { Resources } from '@daybook/server';
import { isOwn, permissionsOf } from '@daybook/identity/roles';
import { suite } from './index.js';

const { contexts } = suite.wire({ publicUrl: 'http://localhost' } as Resources);

describe('the suite', () => {
  it('lets somebody hear of every view that a projection says has changed', () => {
    const named = new Set(contexts.flatMap((c) => Object.keys(c.views)));
    const said = contexts.flatMap((c) => c.projections).flatMap((p) => p.views);
    expect(said.filter((view) => !named.has(view))).toEqual([]);
  });

  it('has one projection of each name and one event of each type', () => {
    const projections = contexts.flatMap((c) => c.projections.map((p) => p.name));
    const events = contexts.flatMap((c) => c.events.map((e) => e.name));
    expect(new Set(projections).size).toBe(projections.length);
    expect(new Set(events).size).toBe(events.length);
  });

  it('names operations, permissions and problem codes after their context', () => {
    for (const { name, bindings } of contexts) {
      for (const binding of bindings) {
        for (const operation of binding.kind === 'decide' ? binding.operations : [binding.operation]) {
          expect(operation.name).toMatch(new RegExp(`^${name}\\.[a-z-]+\\.[a-z-]+$`));
          expect(operation.http).toContain(` /v1/${name}/`);
          if (operation.permission !== null) expect(operation.permission.startsWith(`${name}.`)).toBe(true);
        }
      }
    }
  });

  it('gives the Auditor no permission that changes anything but his own account', () => {
    const declared = contexts
      .flatMap((c) => c.bindings)
      .flatMap((b) => (b.kind === 'decide' ? [...b.operations] : [b.operation]))
      .flatMap((o) => (o.permission === null || isOwn(o.permission) ? [] : [o]));
    const auditor = new Set(
      permissionsOf(
        'Auditor',
        declared.map((o) => o.permission!),
      ),
    );
    expect(declared.filter((o) => o.kind === 'command' && auditor.has(o.permission!)).map((o) => o.name)).toEqual([]);
  });
});
