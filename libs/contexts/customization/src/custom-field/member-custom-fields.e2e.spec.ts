import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { listEvents } from '@daybook/audit';
import {
  changeMember,
  deactivateMember,
  erasePerson,
  exportPerson,
  listMembers,
  readMember,
  signOutMember,
} from '@daybook/identity';
import type { CustomKind } from '@daybook/kernel';
import { exportFile, readExport, startExport } from '@daybook/server/export/export.operations';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import { findAnywhere, findInDatabase } from '@daybook/testing/find-anywhere';
import { createCustomField, listRecordTypes } from './custom-field.operations.js';

describe('custom fields of users, in the whole product', () => {
  let app: TestApp;
  let admin: TestClient;
  let ids: Record<'Staff' | 'Auditor', string>;
  const secret = 'Quetzalcoatlus';

  beforeAll(async () => {
    app = await startApp();
    admin = await app.client('Admin');
    const { items } = await admin.ask(listMembers, {});
    const idOf = (role: string) => items.find(({ roles }) => roles.some((one) => one.role === role))!.personId;
    ids = { Staff: idOf('Staff'), Auditor: idOf('Auditor') };
    const define = (key: string, kind: CustomKind, more: object = {}) => {
      const input = { recordType: 'identity.member', key, label: `The ${key}`, kind, ...more };
      return admin.execute(createCustomField, createCustomField.input.parse(input));
    };
    await define('allergy', 'text', { personal: true });
    await define('desk', 'number', { position: 1 });
  }, 90_000);
  afterAll(() => app.close());

  const versionOf = async (personId: string) => (await admin.ask(readMember, { personId })).version;
  const change = async (personId: string, custom: Record<string, string | null>) =>
    admin.execute(changeMember, { personId, custom }, { version: await versionOf(personId) });
  const found = async (where: object) =>
    (await admin.ask(listMembers, { ...where })).items.map(({ personId }) => personId);

  it('are of the membership, under its version, and known to this tenant alone', async () => {
    const version = await versionOf(ids.Staff);
    expect(await change(ids.Staff, { allergy: secret, desk: '7' })).toMatchObject({ version: version + 1 });
    await change(ids.Auditor, { desk: '12' });
    expect((await admin.ask(readMember, { personId: ids.Staff })).custom).toEqual({ allergy: secret, desk: '7' });
    const path = `/v1/identity/members/${ids.Staff}`;
    await admin
      .patch(path, { custom: { desk: '8' } })
      .set('if-match', '"99"')
      .expect(412);
    await admin.patch(path, { custom: { desk: '8' } }).expect(428);
    const wrong = { personId: ids.Staff, custom: { desk: 'by the window', colour: 'red' } };
    expect(await admin.execute(changeMember, wrong, { version: version + 1, status: 409 })).toMatchObject({
      errors: [{ pointer: '/custom/desk' }, { pointer: '/custom/colour' }],
    });
    await (
      await app.client('Accountant')
    )
      .patch(path, { custom: { desk: '8' } })
      .set('if-match', '"1"')
      .expect(403);
    await (await app.client('Admin', 'south')).patch(path, { custom: { desk: '8' } }).set('if-match', '"1"').expect(404); // prettier-ignore
    expect((await admin.ask(listRecordTypes, {})).items).toContainEqual({
      name: 'identity.member',
      title: 'Members',
      personal: true,
    });
  });

  it('filter and sort the list, also in GraphQL, and are columns of a file', async () => {
    expect(await found({ custom: ['desk>=8'] })).toEqual([ids.Auditor]);
    expect((await found({ customSort: '-desk' })).slice(0, 2)).toEqual([ids.Auditor, ids.Staff]);
    expect(await found({ custom: [`allergy=${secret}`] })).toEqual([ids.Staff]);
    const graphql = await admin.graphql(`{ identityMemberList(input: { custom: ["desk=7"] }) { items { personId custom } } }`); // prettier-ignore
    expect(graphql.body.data.identityMemberList.items).toEqual([
      { personId: ids.Staff, custom: { allergy: secret, desk: '7' } },
    ]);
    const asked = { list: listMembers.name, format: 'csv' as const, columns: ['status', 'custom.desk'] };
    const { id: exportId } = await admin.execute(startExport, { ...asked, input: { customSort: 'desk' } });
    for (;;) {
      const { state, error } = await admin.ask(readExport, { exportId });
      if (error) throw new Error(JSON.stringify(error));
      if (state === 'done') break;
    }
    const { text } = await admin.get(exportFile(exportId)).expect(200);
    expect(text.split('\r\n').slice(0, 3)).toEqual(['status,custom.desk', 'active,7', 'active,12']);
  });

  it('are told in the trail, and are in the copy of what is kept about a person', async () => {
    const { items } = await admin.ask(listEvents, { recordType: 'identity.member', recordId: ids.Staff });
    expect(items[0]?.changes).toEqual([
      { field: 'custom.allergy', before: '', after: secret },
      { field: 'custom.desk', before: '', after: '7' },
    ]);
    const copy = await admin.ask(exportPerson, { personId: ids.Staff });
    expect(copy.text).toContain(secret);
    expect(copy.text).not.toContain('customSort');
  });

  /** All states of streams that API and projector keep. */
  const inMemory = (): string =>
    [app.api, app.projector]
      .flatMap(({ states, commands }) => [
        Reflect.get(states, 'states'),
        Reflect.get(Reflect.get(commands, 'writer'), 'cache'),
      ]) // prettier-ignore
      .map((cache) => inspect(cache, { depth: 20, maxArrayLength: null, maxStringLength: null }))
      .join('\n');

  it('are sealed in the log, and erased with the person, from what is in memory too', async () => {
    expect((await findInDatabase(app, [secret])).filter((table) => table.includes('event'))).toEqual([]);
    expect((await findAnywhere(app, [secret])).length).toBeGreaterThan(0);
    await admin.execute(signOutMember, { personId: ids.Staff });
    await admin.execute(deactivateMember, { personId: ids.Staff, reason: 'Left' });
    const late = { personId: ids.Staff, custom: { desk: '9' } };
    expect(await admin.execute(changeMember, late, { version: await versionOf(ids.Staff), status: 409 })).toMatchObject(
      { code: 'identity.member-deactivated' },
    );
    expect(inMemory()).toContain(secret);
    await admin.execute(erasePerson, { personId: ids.Staff, reason: 'They asked for it' });
    await app.settle();
    // The notification of the erasure may come a moment later.
    for (let waited = 0; waited < 200 && inMemory().includes(secret); waited += 1) await sleep(10);
    expect(inMemory()).not.toContain(secret);
    expect((await admin.ask(readMember, { personId: ids.Staff })).custom).toBeNull();
    expect(await found({ custom: [`allergy=${secret}`] })).toEqual([]);
    const { items } = await admin.ask(listEvents, { recordType: 'identity.member', recordId: ids.Staff });
    expect(JSON.stringify(items)).not.toContain(secret);
    expect(await findAnywhere(app, [secret])).toEqual([]);
  });
});
