import type { Resources } from '@daybook/server';
import { permissionsOf } from '@daybook/identity/roles';
import { suite } from './index.js';

const { contexts } = suite.wire({} as Resources);

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

  it('gives every permission to the Admin, and the Auditor none that changes anything', () => {
    const declared = contexts
      .flatMap((c) => c.bindings)
      .flatMap((b) => (b.kind === 'decide' ? [...b.operations] : [b.operation]))
      .flatMap((o) => (o.permission === null || o.name === 'identity.password.change' ? [] : [o]));
    const names = declared.map((o) => o.permission!);
    expect(new Set(permissionsOf('Admin', names))).toEqual(new Set(names));
    const auditor = new Set(permissionsOf('Auditor', names));
    expect(declared.filter((o) => o.kind === 'command' && auditor.has(o.permission!)).map((o) => o.name)).toEqual([]);
  });
});
