import { isRejection, nameId, reject } from '@daybook/kernel';
import { answer, type Caller, type ContextPart, perform, type PerformContext } from '@daybook/server';
import { access, tenantTable } from '../access/access.projection.js';
import { listMembers } from '../member/member.operations.js';
import { addMember } from '../member/member.internal.js';
import { platformTenant } from '../person/person.events.js';
import { joinTenant } from '../person/person.internal.js';
import { decidedByTenant } from './decided.js';
import { createTenant, readPolicy, tenantCommands } from './tenant.operations.js';
import { tenantSteps, recordTenant } from './tenant.internal.js';
import { tenantEvents } from './tenant.stream.js';

/** The tenant itself. Also declares the events of its stream and the read model of rights, for all nouns. */
export const tenantPart: ContextPart = {
  events: tenantEvents,
  bindings: [
    decidedByTenant(tenantCommands),
    perform(createTenant, (input, context) => createFor(input.name, context)),
    answer(readPolicy, async (_, read) => {
      const row = await read.db
        .selectFrom(read.rows(tenantTable).as('t'))
        .select(['t.mfaRequired', 't.version'])
        .executeTakeFirst();
      return row ?? reject('identity.tenant-not-found', 'This tenant does not exist yet.', { status: 404 });
    }),
  ],
  internal: [decidedByTenant(tenantSteps)],
  projections: [access],
  channels: { access: listMembers },
};

/** Three steps in two other streams. Their ids are derived from the command's, so a retry creates nothing twice. */
async function createFor(name: string, context: PerformContext) {
  const { caller, commandId, newId } = context;
  if (caller.actor.kind !== 'person' || caller.onBehalfOf) {
    return reject('identity.person-required', 'Only a person who is signed in can create a tenant.', {
      status: 403,
    });
  }
  const personId = caller.actor.id;
  const as = (tenant: string): Caller => ({ ...caller, tenant });
  const step = (which: string) => ({ commandId: nameId(commandId, which), expectedVersion: null });
  const created = await context.executeAs(as(newId), recordTenant, { name }, step('create'));
  if (isRejection(created)) return created;
  const admitted = await context.executeAs(as(newId), addMember, { personId, role: 'Admin' }, step('admit'));
  if (isRejection(admitted)) return admitted;
  const joined = await context.executeAs(as(platformTenant), joinTenant, { personId, tenantId: newId }, step('join'));
  return isRejection(joined) ? joined : { id: newId, version: 1, position: joined.position };
}
