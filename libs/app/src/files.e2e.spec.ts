import { addAccount, addJournal, createCompany, startImport } from '@daybook/accounting';
import { tinyFile } from '@daybook/accounting/saft/testing/tiny-file';
import {
  allowDelegatedAccess,
  defineRole,
  enterDelegatedAccess,
  giveGrant,
  listGrants,
  revokeGrant,
} from '@daybook/identity';
import { startApp, TestClient, type TestApp, testTenants, testVendor } from '@daybook/testing/app';

/* Files are readable through the records that cite them, and until then by their uploader. */
const tenant = testTenants.north;

describe('a file', () => {
  let app: TestApp;
  let admin: TestClient;
  let companyA: string;
  let companyB: string;
  let count = 0;

  /** A member with the given roles, each in one company or in the whole tenant. */
  async function member(...grants: readonly { role: string; companyId?: string }[]) {
    const [email, password] = [`f${(count += 1)}@north.example`, 'a long password of a file reader'];
    const { people } = await app.api.identitySetUp.run({
      tenants: [],
      people: [{ email, password, name: `F${count}`, memberships: [{ tenant, role: 'Vendor', ...testVendor }] }],
    });
    const personId = people[0]!.id;
    for (const grant of grants) await admin.execute(giveGrant, { holder: 'person', holderId: personId, ...grant });
    await app.settle();
    const { body } = await app.anonymous.post('/v1/identity/session').send({ email, password, tenant }).expect(200);
    return Object.assign(new TestClient(app.app, body.accessToken, tenant), { personId, email });
  }
  const seen = async (client: TestClient, sha256: string, query = ''): Promise<number> =>
    (await client.get(`/v1/files/${sha256}${query}`)).status;
  const imported = async (client: TestClient, sha256: string, companyId: string) => {
    const started = await client.execute(startImport, { sha256, name: 'its own name.xml', companyId });
    await app.settle();
    return started;
  };
  const content = (text: string) => tinyFile({ header: `<!-- ${text} -->` });

  beforeAll(async () => {
    app = await startApp();
    admin = await app.client('Admin');
    const books = await app.client('Accountant');
    const company = async (name: string) => {
      const { id } = await books.execute(createCompany, { name, currency: 'NOK' });
      await books.execute(addAccount, { companyId: id, number: '1920', name: 'Bank', class: 'asset' });
      await books.execute(addJournal, { companyId: id, code: 'GL', name: 'General' });
      return id;
    };
    [companyA, companyB] = [await company('A AS'), await company('B AS')];
    await app.settle();
  });
  afterAll(() => app.close());

  it('of another company is not found by its hash, just like one that does not exist', async () => {
    const inA = await member({ role: 'Accountant', companyId: companyA });
    const inB = await member({ role: 'Accountant', companyId: companyB });
    const everywhere = await app.client('Accountant');
    const { sha256 } = await inA.upload('secret name.xml', content('of A'));
    // Until a record cites it, it is the uploader's alone.
    expect([await seen(inA, sha256), await seen(inB, sha256), await seen(everywhere, sha256)]).toEqual([200, 404, 404]);
    await imported(inA, sha256, companyA);
    expect([await seen(inA, sha256), await seen(inB, sha256), await seen(everywhere, sha256)]).toEqual([200, 404, 200]);

    const answers = await Promise.all([sha256, 'f'.repeat(64)].map((hash) => inB.get(`/v1/files/${hash}`)));
    const [forbidden, unknown] = answers.map(({ body, status }) => ({ ...body, traceId: '', status }));
    expect(forbidden).toEqual(unknown);
    // Nor is it read into books of one's own.
    for (const hash of [sha256, 'f'.repeat(64)]) {
      const refused = await inB.execute(
        startImport,
        { sha256: hash, name: 'x.xml', companyId: companyB },
        { status: 404 },
      );
      expect(refused).toMatchObject({ code: 'accounting.file-not-found' });
    }
    // Who has the same content learns nothing of the other one's.
    const own = await inB.upload('own.xml', content('of A'));
    expect(own).toMatchObject({ sha256, name: 'own.xml' });
    expect((await inB.get(`/v1/files/${sha256}`)).headers['content-disposition']).toContain('own.xml');
    expect((await inA.get(`/v1/files/${sha256}`)).headers['content-disposition']).toContain('its%20own%20name.xml');
  });

  it('becomes unreadable with the right to read its record, and for the uploader once a record cites it', async () => {
    const uploader = await member({ role: 'Accountant', companyId: companyA });
    const { sha256 } = await uploader.upload('a.xml', content('revoked'));
    await imported(uploader, sha256, companyA);
    expect(await seen(uploader, sha256)).toBe(200);
    await app.settle();
    for (const { grantId, role } of (await admin.ask(listGrants, { holderId: uploader.personId })).items) {
      if (role === 'Accountant') await admin.execute(revokeGrant, { grantId, reason: 'Left' });
    }
    await admin.execute(giveGrant, {
      holder: 'person',
      holderId: uploader.personId,
      role: 'Accountant',
      companyId: companyB,
    });
    expect(await seen(uploader, sha256)).toBe(404);
  });

  it('is readable as of a past moment by the records of then and the rights of now', async () => {
    const [inA, inB] = [
      await member({ role: 'Accountant', companyId: companyA }),
      await member({ role: 'Accountant', companyId: companyB }),
    ];
    const { sha256 } = await inA.upload('a.xml', content('then'));
    const position = async () => String(await app.api.reads.position());
    const before = await position();
    await imported(inA, sha256, companyA);
    const after = await position();
    const everywhere = await app.client('Accountant');
    const at = (position: string) => `?known-at=${encodeURIComponent(`position:${position}`)}`;
    expect(await seen(everywhere, sha256, at(before))).toBe(404);
    expect(await seen(everywhere, sha256, at(after))).toBe(200);
    expect(await seen(inB, sha256, at(after))).toBe(404);
    expect(await seen(everywhere, sha256, '?known-at=never')).toBe(400);
  });

  it('is readable for a delegate as for the person they act for', async () => {
    const [inA, inB] = [
      await member({ role: 'Accountant', companyId: companyA }),
      await member({ role: 'Accountant', companyId: companyB }),
    ];
    const helper = await app.client('Auditor', 'south');
    const { email } = app.account('Auditor', 'south');
    const acting = async (client: TestClient) => {
      const { id: delegatedAccessId } = await client.execute(allowDelegatedAccess, {
        email,
        hours: 1,
        reason: 'To help',
      });
      const { accessToken } = await helper.execute(enterDelegatedAccess, { delegatedAccessId });
      return new TestClient(app.app, accessToken, tenant);
    };
    const [forA, forB] = [await acting(inA), await acting(inB)];
    const { sha256 } = await inA.upload('a.xml', content('delegate'));
    expect([await seen(forA, sha256), await seen(forB, sha256), await seen(helper, sha256)]).toEqual([200, 404, 404]);
    await imported(inA, sha256, companyA);
    expect([await seen(forA, sha256), await seen(forB, sha256), await seen(helper, sha256)]).toEqual([200, 404, 404]);
  });

  it('is not found by a role that hides a field of the record or may read no files', async () => {
    const permissions = ['accounting.import.read', 'accounting.entry.read'];
    const fields = [{ field: 'accounting.entry.description', rule: 'mask' as const }];
    const define = async (name: string, role: object) =>
      (await admin.execute(defineRole, { name, permissions, ...role })).id;
    const files = [...permissions, 'files.file.read'];
    const roles = {
      reads: await define('Reads files', { permissions: files }),
      entries: await define('Reads entries', { permissions: ['accounting.entry.read', 'files.file.read'] }),
      masks: await define('Masks', { permissions: ['accounting.entry.read', 'files.file.read'], fields }),
      none: await define('Reads no file', {}),
    };
    const inA = await member({ role: 'Accountant', companyId: companyA });
    const { sha256 } = await inA.upload('a.xml', content('roles'));
    await imported(inA, sha256, companyA);
    const of = async (role: string) => seen(await member({ role, companyId: companyA }), sha256);
    expect(await of(roles.reads)).toBe(200);
    // Nothing of it is posted, so no entry cites it yet.
    expect(await of(roles.entries)).toBe(404);
    expect(await of(roles.masks)).toBe(404);
    expect(await of(roles.none)).toBe(403);
  });
});
