import { holdEntry, postEntry, reverseEntry } from '@daybook/accounting';
import { defineRole, giveGrant, listGrants, revokeGrant } from '@daybook/identity';
import { newId } from '@daybook/kernel';
import { approveRequest, changeRequest, rejectRequest, setRule, withdrawRequest } from '../index.js';
import type { World } from './world.js';

/** What waits is changed, and put right after it was refused. */
export const changingCases = (world: () => World): void => {
  it('need every approval again after a change, which only the requester can make', async () => {
    const { admin, books, second, sale, numberOf, held, read, rule } = world();
    await admin.execute(setRule, rule({ approvers: 2 }));
    const requestId = await held('Changed');
    expect(await admin.execute(approveRequest, { requestId }, { version: 1 })).toMatchObject({ status: 'pending' });
    await admin.execute(approveRequest, { requestId }, { version: 2, status: 409 });
    const input = { ...sale('90000.00', 'Changed twice') };
    await second.execute(changeRequest, { requestId, input }, { status: 403 });
    await books.execute(changeRequest, { requestId, input: { ...input, lines: [] } }, { status: 400 });
    await books.execute(changeRequest, { requestId, input }, { version: 2 });
    const changed = await read(second, requestId);
    expect(changed).toMatchObject({
      status: 'pending',
      version: 3,
      given: 0,
      needed: 2,
      summary: 'Entry of 90 000,00 on 31 March 2026',
      approvals: [{ void: true }],
      yourPart: 'approve',
    });
    await second.execute(approveRequest, { requestId }, { version: 2, status: 412 });
    expect(await second.execute(approveRequest, { requestId }, { version: 3 })).toMatchObject({ status: 'pending' });
    expect(await admin.execute(approveRequest, { requestId }, { version: 4 })).toMatchObject({ status: 'completed' });
    expect(await numberOf('Changed twice')).toBe(1);
    await world().weaken(rule());
  });

  it('keep the fields that are hidden from the person who changes them, and never store a masked value', async () => {
    const { app, admin, member, sale, companyId, read, rule } = world();
    await admin.execute(setRule, rule());
    const permissions = ['accounting.entry.post', 'accounting.entry.read', 'approvals.request.change', 'approvals.request.read']; // prettier-ignore
    const fields = [{ field: 'accounting.entry.description', rule: 'mask' as const }];
    const { id: role } = await admin.execute(defineRole, { name: 'Typist', permissions, fields });
    const typist = await member('Typist', 'Staff');
    await app.settle();
    const { items } = await admin.ask(listGrants, { holderId: typist.personId });
    await admin.execute(giveGrant, { holder: 'person', holderId: typist.personId, role });
    await admin.execute(revokeGrant, { grantId: items[0]!.grantId, reason: 'Types now' });
    const asked = sale('250000.00', 'Fee of Kari');
    const lines = [{ ...asked.lines[0]!, description: 'Of Kari' }, asked.lines[1]!];
    const { id: requestId } = await typist.execute(postEntry, { ...asked, lines }, { status: 202 });
    expect((await read(typist, requestId)).input).toMatchObject({
      description: 'F•••',
      lines: [{ description: 'O•••' }, {}],
    });

    const back = { description: 'F•••', lines: { 0: { description: 'O•••' } } };
    expect(await typist.execute(changeRequest, { requestId, input: back }, { status: 400 })).toMatchObject({
      errors: [
        { pointer: '/input/description', code: 'masked' },
        { pointer: '/input/lines/0/description', code: 'masked' },
      ],
    });
    const bare = { lines: asked.lines };
    expect(await typist.execute(changeRequest, { requestId, input: bare }, { status: 403 })).toMatchObject({
      code: 'platform.field-hidden',
      errors: [{ pointer: '/input/lines' }],
    });
    const larger = { lines: { 0: { amount: '260000.00' }, 1: { amount: '260000.00' } } };
    await typist.execute(changeRequest, { requestId, input: larger });
    expect((await read(admin, requestId)).input).toMatchObject({
      companyId,
      date: '2026-03-31',
      description: 'Fee of Kari',
      lines: [{ amount: '260000.00', description: 'Of Kari' }, { amount: '260000.00' }],
    });
    await typist.execute(withdrawRequest, { requestId }, { status: 403 });
    await admin.execute(rejectRequest, { requestId, reason: 'Seen' });
  });

  it('say why they were refused when they were carried out, and can be put right', async () => {
    const { admin, books, companyId, sale, read } = world();
    const { id: entryId } = await books.execute(postEntry, sale('10.00', 'To reverse'));
    const reversals = newId();
    await admin.execute(setRule, { ruleId: reversals, operation: reverseEntry.name, approvers: 1 });
    const pinned = await books.execute(reverseEntry, { companyId, entryId }, { version: 1, status: 202 });
    await books.execute(holdEntry, { companyId, entryId, reason: 'Waiting' });
    const requestId = pinned.id;
    expect(await admin.execute(approveRequest, { requestId }, { version: 1 })).toMatchObject({ status: 'failed' });
    expect(await read(books, requestId)).toMatchObject({
      status: 'failed',
      yourPart: 'own',
      problem: { code: 'platform.version-stale' },
    });
    await books.execute(withdrawRequest, { requestId });

    const ask = async () => (await books.execute(reverseEntry, { companyId, entryId }, { status: 202 })).id;
    const [one, two] = [await ask(), await ask()];
    expect(await admin.execute(approveRequest, { requestId: one }, { version: 1 })).toMatchObject({
      status: 'completed',
    });
    expect(await admin.execute(approveRequest, { requestId: two }, { version: 1 })).toMatchObject({
      status: 'failed',
    });
    const { id: another } = await books.execute(postEntry, sale('11.00', 'To reverse instead'));
    const input = { companyId, entryId: another };
    await books.execute(changeRequest, { requestId: two, input }, { version: 3 });
    expect(await admin.execute(approveRequest, { requestId: two }, { version: 4 })).toMatchObject({
      status: 'completed',
    });
    await world().lift(reversals);
  });

  it('that the books would refuse are refused at once, and wait on as they were', async () => {
    const { admin, books, sale, held, read, numberOf } = world();
    const requestId = await held('To be corrected');
    const unbalanced = sale('250000.00', 'To be corrected');
    unbalanced.lines[1]!.amount = '240000.00';
    const refused = await books.execute(changeRequest, { requestId, input: unbalanced }, { version: 1, status: 409 });
    expect(refused).toMatchObject({ code: 'accounting.entry-unbalanced' });
    const unknown = sale('250000.00');
    unknown.lines[1]!.account = '9999';
    await books.execute(changeRequest, { requestId, input: unknown }, { version: 1, status: 404 });
    expect(await read(books, requestId)).toMatchObject({
      status: 'pending',
      version: 1,
      input: { description: 'To be corrected' },
    });
    const corrected = sale('240000.00', 'To be corrected');
    const key = 'corrected';
    const changed = await books.execute(changeRequest, { requestId, input: corrected }, { version: 1, key });
    expect(changed).toMatchObject({ version: 2 });
    expect(await admin.execute(approveRequest, { requestId }, { version: 2 })).toMatchObject({ status: 'completed' });
    expect(await numberOf('To be corrected')).toBe(1);
    expect(await books.execute(changeRequest, { requestId, input: corrected }, { version: 1, key })).toEqual(changed);
  });
};
