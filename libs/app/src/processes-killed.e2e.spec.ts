import {
  acceptInvitation,
  deactivateMember,
  decideReviewItem,
  erasePerson,
  giveGrant,
  listReviewItems,
  sendInvitation,
  startReview,
} from '@daybook/identity';
import { Mailbox } from '@daybook/identity/testing/mailbox';
import { daybookNamespace, nameId, platformTenant, streamName } from '@daybook/kernel';
import { mentionOf, threadIdOf, writeComment } from '@daybook/collaboration';
import { Outbox } from '@daybook/mail';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import { project } from '@daybook/testing/killed';
import { readYourWrites } from '@daybook/testing/read-your-writes';

/*
 * A projector of its own is killed before and after every command that its processes send, while a person is erased, a
 * review is carried out and somebody is notified that they were mentioned. However often that happens, the same is written in the end, and once.
 */

describe('processes of a projector that is killed at any place', () => {
  let app: TestApp;
  let admin: TestClient;
  let tenant: string;
  beforeAll(async () => {
    app = await startApp();
    admin = await app.client('Admin');
    tenant = admin.tenant;
  });
  afterAll(() => app.close());

  const typesIn = async (category: string, of: string, id: string): Promise<string[]> => {
    const types: string[] = [];
    for await (const { type } of app.api.store.readStream(streamName(category, of, id)))
      types.push(type.split('.')[1]!);
    return types;
  };
  const commandsIn = async (category: string, of: string, id: string): Promise<string[]> => {
    const commands: string[] = [];
    for await (const { meta } of app.api.store.readStream(streamName(category, of, id))) commands.push(meta.commandId);
    return commands;
  };
  const position = (): Promise<string> =>
    app.api.pool
      .query<{ at: string }>('select min(position) as at from projections.process')
      .then(({ rows }) => rows[0]!.at);

  it('finish what was begun, once, and a rebuild of what they know sends nothing', async () => {
    const email = 'ottoline@example.org';
    const { id: invitationId } = await admin.execute(sendInvitation, { email, role: 'Staff' });
    const { token } = await new Mailbox(app.config.mail).letter(email);
    const password = 'seven green umbrellas';
    const { body } = await app.anonymous
      .post(String(acceptInvitation.http.split(' ')[1]))
      .send({ token, name: 'Ottoline Fairweather', password })
      .expect(200);
    const personId = String(body.session.person.id);
    await admin.execute(deactivateMember, { personId, reason: 'Left' });
    const [auditor, staff] = await Promise.all((['Auditor', 'Staff'] as const).map(async (role) => {
      const answer = await (await app.client(role)).get('/v1/identity/session').expect(200);
      return String(answer.body.person.id);
    })); // prettier-ignore
    // With an end: the other Admin stays the last.
    const until = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
    await admin.execute(giveGrant, { holderId: auditor!, role: 'Admin', until });
    await app.settle();
    const { id: reviewId } = await admin.execute(startReview, { name: 'Spring', dueOn: '2099-12-31' });
    const { items } = await admin.ask(listReviewItems, { reviewId, limit: 100 });
    const revoke = (by: TestClient, holderId: string, role: string) => {
      const item = items.find((one) => one.holderId === holderId && one.role === role)!;
      return by.execute(decideReviewItem, { reviewId, itemId: item.itemId, decision: 'revoke', reason: 'Not needed' });
    };
    const me = String((await admin.get('/v1/identity/session').expect(200)).body.person.id);

    readYourWrites(app.app, null);
    await app.projector.close();
    await revoke(admin, staff!, 'Staff');
    await revoke(await app.client('Auditor'), me, 'Admin');
    await admin.execute(erasePerson, { personId, reason: 'They asked for it' });
    const record = { recordType: 'identity.member', recordId: auditor! };
    await admin.execute(writeComment, { ...record, text: `Have a look, ${mentionOf(auditor!)}` });
    const outbox = app.app.get(Outbox, { strict: false });
    const killed: number[] = [];
    for (let place = 1, at = await position(); (await project(app, place)) === 'killed'; place++) {
      killed.push(place);
      await outbox.work();
      const now = await position();
      // One event further: its commands are met from the first one.
      if (now !== at) [place, at] = [0, now];
    }
    await outbox.work();
    // Two commands for what is revoked, two for what is refused, the erasure with those that it sends itself, two to notify and mail.
    expect(killed.length).toBeGreaterThanOrEqual(20);

    expect(await typesIn('identity.review', tenant, reviewId)).toEqual([
      'review-started',
      'review-item-decided',
      'review-item-decided',
      'review-item-revoked',
      'review-item-refused',
    ]);
    const inTenant = await typesIn('identity.tenant', tenant, tenant);
    expect(inTenant.filter((type) => type === 'grant-revoked')).toHaveLength(1);
    expect(await typesIn('identity.privacy', tenant, personId)).toEqual(['erasure-begun', 'erasure-finished']);
    expect(await typesIn('identity.privacy', tenant, invitationId)).toEqual(['alias-erased']);
    const account = await typesIn('identity.person', platformTenant, personId);
    expect(account.filter((type) => type === 'person-erased')).toHaveLength(1);
    expect(account.at(-1)).toBe('person-erased');

    const [mention] = await commandsIn('collaboration.thread', tenant, threadIdOf(record));
    const notificationId = nameId(daybookNamespace, 'notification', auditor!, mention!);
    expect(await typesIn('collaboration.notification', tenant, notificationId)).toEqual(['person-notified']);
    const mails = await new Mailbox(app.config.mail).to(app.account('Auditor').email);
    expect(mails.filter(({ subject }) => subject.includes('mentioned you'))).toHaveLength(1);

    const head = await app.api.store.head();
    expect(await project(app, 'rebuild')).toBe('idle');
    expect(await app.api.store.head()).toBe(head);
  }, 600_000);
});
