import { contexts as listed } from '@daybook/contexts';
import { builtInRoles, guardsIn, isOpaque, type Operation, query, type RolePatterns } from '@daybook/kernel';
import { answer, context } from '@daybook/server';
import { Bindings } from '@daybook/server/dispatch/bindings';
import { contextsIn } from '@daybook/server/nest/context.module';
import { PlatformModule } from '@daybook/server/platform/platform.module';
import { isOwn, permissionsOf } from '@daybook/identity/roles';
import * as z from 'zod';
import { AppModule, ProjectorModule } from './index.js';

const contexts = contextsIn(AppModule);

describe('the application', () => {
  it('has the same contexts in the API and in the projector: those of the list, and the platform', () => {
    expect(contextsIn(ProjectorModule)).toEqual(contexts);
    expect(contexts).toEqual([...contextsIn(PlatformModule), ...listed.flatMap((module) => contextsIn(module))]);
  });

  it('offers every channel that a projection announces', () => {
    const named = new Set(contexts.flatMap((c) => Object.keys(c.channels)));
    const said = contexts.flatMap((c) => c.projections).flatMap((p) => p.channels);
    expect(said.filter((channel) => !named.has(channel))).toEqual([]);
  });

  it('has one projection per name and one event per type', () => {
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

  it('binds every step that waits for approval in place of its command, as an internal command that can wait', () => {
    const commands = (bindings: (typeof contexts)[number]['bindings']): readonly Operation[] =>
      bindings.flatMap((b): readonly Operation[] => (b.kind === 'decide' ? b.operations : [b.operation]));
    const waiting = commands(contexts.flatMap((c) => c.internal))
      .filter((o) => o.kind === 'command' && o.approvable !== null && !o.approvable.step)
      .map(({ name }) => name);
    const steps = commands(contexts.flatMap((c) => c.bindings)).flatMap((o) =>
      o.kind === 'command' && o.approvable?.step ? [o.approvable.step] : [],
    );
    expect(steps.length).toBeGreaterThan(0);
    expect(waiting).toEqual(expect.arrayContaining(steps));
  });

  it('guards addresses and texts in the audit trail and in approval requests as in every answer', () => {
    // Streams of persons stand under the platform's own tenant, whose trail nobody reads.
    const events = contexts.flatMap((c) => c.events).filter(({ name }) => !/^identity\.(person|email)-/.test(name));
    const inputs = contexts
      .flatMap((c) => [...c.bindings, ...c.internal])
      .flatMap((b): readonly Operation[] => (b.kind === 'decide' ? b.operations : [b.operation]))
      // What has a step that waits in its place is never kept itself.
      .filter((o) => o.kind === 'command' && o.approvable !== null && !o.approvable.step);
    const open =
      [...events.map(({ name, data }) => ({ name, shape: (data as unknown as z.ZodObject).shape })), ...inputs.map(({ name, input }) => ({ name, shape: input.shape }))] // prettier-ignore
        .flatMap(({ name, shape }) =>
          Object.entries(shape as Record<string, z.ZodType>)
            .filter(
              ([field, schema]) =>
                (/^(email|input)$/.test(field) || /^accounting\..*\.description$/.test(`${name}.${field}`)) &&
                guardsIn(schema).length === 0 &&
                !isOpaque(schema),
            )
            .map(([field]) => `${name}.${field}`),
        );
    expect(open).toEqual([]);
  });

  it('gives the roles exactly what a new context says: of pay slips nothing, since pay names no role', () => {
    const slips = query('pay.slip.list', { title: 'List pay slips', http: 'GET /v1/pay/slips', permission: 'pay.slip.read', input: z.object({}), output: z.object({}) }); // prettier-ignore
    const pay = (roles: RolePatterns) =>
      new Bindings([...contexts, context({ name: 'pay', title: 'Pay', roles, bindings: [answer(slips, async () => ({}))] })]); // prettier-ignore
    const held = ({ declared }: Bindings) => builtInRoles.filter((role) => permissionsOf(role, declared).includes('pay.slip.read')); // prettier-ignore
    expect(held(pay({}))).toEqual([]);
    expect(held(pay({ Auditor: ['pay.*.read'] }))).toEqual(['Auditor']);
    const before = new Bindings(contexts).declared.roles;
    expect(pay({}).declared.roles).toEqual(before);
    expect(() => pay({ Accountant: ['accounting.*'] })).toThrow('pay gives accounting.* to Accountant: not its own.');
    expect(() => pay({ Auditor: ['pay.*.list'] })).toThrow('names no permission');
  });

  it('gives the Auditor no permission that changes anything but their own account', () => {
    const declared = contexts
      .flatMap((c) => c.bindings)
      .flatMap((b) => (b.kind === 'decide' ? [...b.operations] : [b.operation]))
      .flatMap((o) => (o.permission === null || isOwn(o.permission) ? [] : [o]));
    const auditor = new Set(permissionsOf('Auditor', new Bindings(contexts).declared));
    expect(declared.filter((o) => o.kind === 'command' && auditor.has(o.permission!)).map((o) => o.name)).toEqual([]);
  });
});
