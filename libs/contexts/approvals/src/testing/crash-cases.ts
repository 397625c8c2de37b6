import { postEntry } from '@daybook/accounting';
import { isRejection, newId } from '@daybook/kernel';
import { acceptInvitation, deactivateMember, sendInvitation } from '@daybook/identity';
import { Mailbox } from '@daybook/identity/testing/mailbox';
import { Outbox } from '@daybook/mail';
import { scopedTransaction } from '@daybook/postgres';
import { People } from '@daybook/server';
import { testTenants } from '@daybook/testing/app';
import { mock } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PendingExecutions } from '../request/pending-executions.js';
import { recordApproval } from '../request/request.internal.js';
import { approveRequest, setRule } from '../index.js';
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

  it('are carried out with the rights of their requester when the process dies right after the approval', async () => {
    const { app, admin, numberOf, held, read } = world();
    const requestId = await held('Crashed too');
    const dying = diesAfter(app, 1);
    await admin.execute(approveRequest, { requestId }, { version: 1, status: 500 });
    dying.mock.restore();
    expect(await read(admin, requestId)).toMatchObject({ status: 'approved' });
    // The API goes on by itself.
    await pending(app, due);
    for (let waited = 0; waited < 60_000 && (await pending(app)).length > 0; waited += 100) await sleep(100);
    expect(await read(admin, requestId)).toMatchObject({ status: 'completed' });
    expect(await numberOf('Crashed too')).toBe(1);
  });

  it('send an invitation once, with a link that works, when the process dies after recording it', async () => {
    const { app, admin, member, lift, read } = world();
    const other = await member('Other-Admin', 'Admin');
    const email = 'crashed@example.org';
    const { id: ruleId } = await admin.execute(setRule, {
      ruleId: newId(),
      operation: sendInvitation.name,
      approvers: 1,
    });
    const held = await admin.execute(sendInvitation, { email, role: 'Staff' }, { status: 202 });
    const requestId = held.approvalRequest!;
    await app.settle();
    const dying = diesAfter(app, 2);
    await other.execute(approveRequest, { requestId }, { version: 1, status: 500 });
    dying.mock.restore();
    const mailbox = new Mailbox(app.config.mail);
    const sendMails = async () => {
      await scopedTransaction(app.api.pool, 'mail', (client) => client.query('update mail.outbox set next_at = now()'));
      await app.api.app.get(Outbox).work();
    };
    await sendMails();
    const { token } = await mailbox.link(email);
    const [, acceptance] = acceptInvitation.http.split(' ');
    const newcomer = { token, name: 'Kari', password: 'seven green umbrellas' };
    await app.anonymous.post(acceptance!).send(newcomer).expect(200);
    // The invited person is a member by now, and the command has succeeded all the same.
    expect(await workOn(world())).toEqual([]);
    expect(await read(admin, requestId)).toMatchObject({ status: 'completed' });
    await sendMails();
    expect(await mailbox.to(email)).toHaveLength(1);
    await lift(ruleId, [other]);
  });

  it('are not carried out after a crash for somebody who lost the right meanwhile', async () => {
    const { app, admin, member, sale, numberOf, read } = world();
    const leaving = await member('Leaving', 'Accountant');
    const { approvalRequest } = await leaving.execute(postEntry, sale('250000.00', 'Crashed and gone'), {
      status: 202,
    });
    const requestId = approvalRequest!;
    await approverWithoutEnd(world(), requestId);
    await app.api.app.get(PendingExecutions, { strict: false }).put(tenant, requestId);
    await admin.execute(deactivateMember, { personId: leaving.personId, reason: 'Left' });
    expect(await workOn(world())).toEqual([]);
    expect(await read(admin, requestId)).toMatchObject({ status: 'failed' });
    expect(await numberOf('Crashed and gone')).toBe(0);
  });

  it('are tried again later when they fail for a reason that passes, and the log says so', async () => {
    const { app, admin, numberOf, held, read } = world();
    const requestId = await held('Fails once');
    await approverWithoutEnd(world(), requestId);
    await app.api.app.get(PendingExecutions, { strict: false }).put(tenant, requestId);
    const people = app.api.app.get<People>(People, { strict: false });
    const failing = mock.method(people, 'rightsOf', () => Promise.reject(new Error('Kari Nordmann')));
    expect(await workOn(world())).toEqual([{ requestId, tries: 1 }]);
    failing.mock.restore();
    const logged = app.log.filter((line) => line.includes('an approved command failed'));
    expect(logged).toEqual([expect.stringContaining(requestId)]);
    expect(logged.join()).not.toContain('Kari');
    expect(await workOn(world())).toEqual([]);
    expect(await read(admin, requestId)).toMatchObject({ status: 'completed' });
    expect(await numberOf('Fails once')).toBe(1);
  });

  it('leave nothing to do when nothing crashed', async () => {
    const { app, admin, numberOf, held } = world();
    const requestId = await held('Without a crash');
    await admin.execute(approveRequest, { requestId }, { version: 1 });
    expect(await pending(app)).toEqual([]);
    expect(await numberOf('Without a crash')).toBe(1);
  });

  it('are no longer waited for when their last approval was never recorded', async () => {
    const { app, admin, held, read } = world();
    const requestId = await held('Never approved');
    await app.api.app.get(PendingExecutions, { strict: false }).put(tenant, requestId);
    for (const tries of [1, 2, 3, 4]) expect(await workOn(world())).toEqual([{ requestId, tries }]);
    expect(await workOn(world())).toEqual([]);
    expect(await read(admin, requestId)).toMatchObject({ status: 'pending' });
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

/** The API's process dies when it has written to the log so many times. */
function diesAfter({ api }: World['app'], times: number) {
  const append = api.store.appendGroup.bind(api.store);
  let written = 0;
  return mock.method(api.store, 'appendGroup', async (...args: Parameters<typeof append>) => {
    const answer = await append(...args);
    if ((written += 1) >= times) throw new Error('The process died');
    return answer;
  });
}

interface Row {
  readonly requestId: string;
  readonly tries: number;
}
const due = 'update approvals.pending_executions set next_at = now()';
const pending = ({ api }: World['app'], sql = '') =>
  scopedTransaction(api.pool, 'approvals', async (client): Promise<Row[]> => {
    await client.query(sql);
    return (await client.query<Row>('select request_id as "requestId", tries from approvals.pending_executions')).rows;
  });

/** Carries out what waits, as if its time had come; answers what still waits. */
async function workOn({ app }: World): Promise<Row[]> {
  await pending(app, due);
  await app.api.app.get(PendingExecutions, { strict: false }).work();
  return pending(app);
}

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
