import { postEntry } from '@daybook/accounting';
import { isRejection, newId } from '@daybook/kernel';
import { grantOf } from '@daybook/server/testing/access';
import { testTenants } from '@daybook/testing/app';
import { executionBinding, executionJobId } from '../request/execution.job.js';
import { recordApproval } from '../request/request.internal.js';
import { approveRequest } from '../index.js';
import type { World } from './world.js';

const tenant = testTenants.north;

/** What a crash leaves, and who goes on with it; and what is left when the rule is gone. */
export const crashCases = (world: () => World): void => {
  it('are carried out after a crash between approval and execution, by approving again', async () => {
    const { admin, numberOf, held, read } = world();
    const requestId = await held('Crashed');
    const version = await approverWithoutEnd(world(), requestId);
    expect(await read(admin, requestId)).toMatchObject({ status: 'approved', yourPart: 'none' });
    expect(await numberOf('Crashed')).toBe(0);
    expect(version).toBe(2);
    expect(await admin.execute(approveRequest, { requestId }, { version: 2 })).toMatchObject({ status: 'completed' });
    expect(await numberOf('Crashed')).toBe(1);
  });

  it('are carried out after a crash by the job that stands behind the approval, once', async () => {
    const { app, numberOf, held } = world();
    const requestId = await held('Crashed too');
    await approverWithoutEnd(world(), requestId);
    const posts = async () => ({ grants: [grantOf([postEntry.name])], incompatible: new Map<string, string[]>() });
    const { handler } = executionBinding({ approvalMs: 0, requestMs: 0 });
    const work = handler(app.projector.jobCommands, { people: { rightsOf: posts } } as never) as (
      run: object,
    ) => Promise<unknown>;
    const run = { tenant, input: { requestId, version: 1 }, signal: new AbortController().signal };
    expect(await work(run)).toEqual({ requestId, status: 'completed' });
    expect(await work(run)).toEqual({ requestId, status: 'completed' });
    expect(await numberOf('Crashed too')).toBe(1);
  });

  it('are not carried out after a crash for somebody who lost the right meanwhile', async () => {
    const { app, numberOf, held } = world();
    const requestId = await held('Crashed and gone');
    await approverWithoutEnd(world(), requestId);
    const { handler } = executionBinding({ approvalMs: 0, requestMs: 0 });
    const work = handler(app.projector.jobCommands, { people: { rightsOf: async () => null } } as never) as (
      run: object,
    ) => Promise<unknown>;
    const run = { tenant, input: { requestId, version: 1 }, signal: new AbortController().signal };
    expect(await work(run)).toEqual({ requestId, status: 'failed' });
    expect(await numberOf('Crashed and gone')).toBe(0);
  });

  it('leave a job that has nothing to do, when nothing crashed', async () => {
    const { app, admin, numberOf, held } = world();
    const requestId = await held('With a job');
    await admin.execute(approveRequest, { requestId }, { version: 1 });
    const ended = await app.jobEnded(admin, executionJobId(requestId, 1));
    expect(ended).toMatchObject({ state: 'done', result: { requestId, status: 'completed' } });
    expect(await numberOf('With a job')).toBe(1);
  });

  it('go on being answered as they were when the rule is gone', async () => {
    const { admin, books, sale, numberOf, large } = world();
    const input = sale('400000.00', 'Rule gone');
    const first = await books.execute(postEntry, input, { key: 'gone', status: 202 });
    await world().lift(large);
    expect(await books.execute(postEntry, input, { key: 'gone', status: 202 })).toEqual(first);
    await books.execute(postEntry, sale('500000.00', 'No rule'));
    expect(await admin.execute(approveRequest, { requestId: first.id }, { version: 1 })).toMatchObject({
      status: 'completed',
    });
    // The request's own id stands behind it, so even its repeat without the gate would be the same command.
    expect(await numberOf('Rule gone')).toBe(1);
  });
};

/** The approval alone, as a process leaves it that dies right after; answers the record's version. */
async function approverWithoutEnd({ app, setUp }: World, requestId: string): Promise<number> {
  const { people } = await setUp([{ ...app.account('Admin'), memberships: [] }]);
  const answer = await app.api.jobCommands.executeAs(
    {
      tenant,
      actor: { kind: 'person', id: people[0]!.id },
      channel: 'rest',
      address: null,
      correlationId: newId(),
      reason: null,
    },
    recordApproval,
    { requestId, comment: null },
    { commandId: newId(), expectedVersion: 1 },
  );
  if (isRejection(answer)) throw new Error(answer.message);
  return answer.version;
}
