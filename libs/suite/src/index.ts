import { accounting } from '@daybook/accounting/accounting.module';
import { approvals } from '@daybook/approvals/approvals.module';
import { audit } from '@daybook/audit/audit.module';
import { identity } from '@daybook/identity/identity.module';
import type { Operation } from '@daybook/kernel';
import { type Context, filePermissions, type Resources, type Suite } from '@daybook/server';
import { platformOperations } from '@daybook/server/platform/platform.operations';
import { migrations } from './migrations.js';

/** All permissions there are: those of operations, and of the few routes that are none. */
const permissionsIn = (operations: readonly Operation[]): string[] => [
  ...operations.flatMap(({ permission }) => permission ?? []),
  ...Object.values(filePermissions),
];
const operationsOf = (binding: Context['bindings'][number]): readonly Operation[] =>
  binding.kind === 'decide' ? binding.operations : [binding.operation];

/** The product: every context and every migration, in order. Both apps take it from here. */
export const suite: Suite = {
  migrations,
  wire: (resources: Resources) => {
    const declared: string[] = [];
    const operations: Operation[] = [...platformOperations];
    const people = identity(
      resources,
      () => declared,
      () => operations,
      () => contexts,
    );
    const asked = [people.context, accounting];
    const told = [...asked, approvals(asked, people)];
    const contexts: readonly Context[] = [...told, audit(told)];
    for (const { bindings } of contexts) for (const one of bindings.flatMap(operationsOf)) operations.push(one);
    for (const permission of permissionsIn(operations)) declared.push(permission);
    return { contexts, authenticator: people.authenticator };
  },
};
