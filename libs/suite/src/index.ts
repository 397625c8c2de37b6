import { eventStoreMigrations } from '@daybook/event-store';
import { accounting } from '@daybook/accounting/accounting.module';
import { audit } from '@daybook/audit/audit.module';
import { fileMigrations } from '@daybook/files';
import { identity } from '@daybook/identity/identity.module';
import { identityMigrations } from '@daybook/identity/migrations';
import { jobMigrations } from '@daybook/jobs';
import type { Operation } from '@daybook/kernel';
import { projectionMigrations } from '@daybook/projections';
import { type Context, filePermissions, type Resources, type Suite } from '@daybook/server';
import { platformOperations } from '@daybook/server/platform/platform.operations';

/** All permissions there are: those of operations, and of the few routes that are none. */
const permissionsIn = (contexts: readonly Context[]): string[] => {
  const bound = contexts.flatMap((c) => c.bindings.flatMap(operationsOf));
  const named = [...bound, ...platformOperations].flatMap((o) => (o.permission === null ? [] : [o.permission]));
  return [...named, ...Object.values(filePermissions)];
};
const operationsOf = (binding: Context['bindings'][number]): readonly Operation[] =>
  binding.kind === 'decide' ? binding.operations : [binding.operation];

/** The product: every context and every migration, in order. Both apps take it from here. */
export const suite: Suite = {
  migrations: [
    ...eventStoreMigrations,
    ...projectionMigrations,
    ...jobMigrations,
    ...fileMigrations,
    ...identityMigrations,
  ],
  wire: (resources: Resources) => {
    const declared: string[] = [];
    const people = identity(resources, () => declared);
    const told = [people.context, accounting];
    const contexts = [...told, audit(told)];
    declared.push(...permissionsIn(contexts));
    return { contexts, authenticator: people.authenticator };
  },
};
