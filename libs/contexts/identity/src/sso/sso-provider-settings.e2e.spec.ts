import { randomUUID } from 'node:crypto';
import type { OutputOf } from '@daybook/kernel';
import { sessionMethods } from '../session/session.operations.js';
import { pathOf, type SsoFixture, ssoFixture } from '../testing/sso-fixture.js';
import {
  linkSsoAccount,
  listSsoProviders,
  removeSsoProvider,
  setSsoProvider,
  beginSso,
} from './sso-provider.operations.js';
import { recordSsoProvider, retireSsoProvider } from './sso-provider.internal.js';

describe('an SSO provider that is set up', () => {
  let world: SsoFixture;
  let app: SsoFixture['app'];
  let outside: SsoFixture['outside'];
  let admin: SsoFixture['admin'];
  let providerId: SsoFixture['providerId'];
  let stranger: SsoFixture['stranger'];
  let begin: SsoFixture['begin'];
  let finish: SsoFixture['finish'];
  let memberOutside: SsoFixture['memberOutside'];
  beforeAll(async () => {
    world = await ssoFixture();
    ({ app, outside, admin, providerId, stranger, begin, finish, memberOutside } = world);
  });
  afterAll(() => world.close());
  beforeEach(() => world.comeFromElsewhere());
  const offeredTo = async (query: Record<string, string>) => {
    const { body } = await stranger().get(pathOf(sessionMethods)).query(query).expect(200);
    return (body as OutputOf<typeof sessionMethods>).providers;
  };

  it('is offered only to addresses of its domains, so that people of one tenant do not learn of another', async () => {
    expect(await offeredTo({})).toEqual([]);
    expect(await offeredTo({ domain: 'south.example' })).toEqual([]);
    const { host } = new URL(outside.issuer);
    for (const domain of ['north.example', 'NORTH.example'])
      expect(await offeredTo({ domain })).toEqual([{ providerId, label: 'Fjord login', host }]);
    for (const domain of ['kari@north.example', 'north', 'north example', `${'n'.repeat(64)}.example`])
      await stranger().get(pathOf(sessionMethods)).query({ domain }).expect(400);
  });

  it('is offered to nobody if it has no domain and there are people of another tenant', async () => {
    const id = randomUUID();
    const { issuer, clientId } = outside;
    await admin.execute(setSsoProvider, { providerId: id, label: 'Nameless', issuer, clientId });
    await app.settle();
    expect(await offeredTo({})).toEqual([]);
    expect(await offeredTo({ domain: 'north.example' })).toHaveLength(1);
    await admin.execute(removeSsoProvider, { providerId: id });
  });

  it('cannot claim a domain in which no active user has an address', async () => {
    const { issuer, clientId } = outside;
    const named = {
      providerId: randomUUID(),
      label: 'Theirs',
      issuer,
      clientId,
      domains: ['north.example', 'south.example'],
    };
    const refused = (await admin.execute(setSsoProvider, named, { status: 409 })) as unknown as { errors: object[] };
    expect(refused).toMatchObject({ code: 'identity.sso-domain-unverified', errors: [{ pointer: '/domains' }] });
    expect(await offeredTo({ domain: 'south.example' })).toEqual([]);
  });

  it('is listed without its secret', async () => {
    await app.settle();
    const { items, redirectUrl } = await admin.ask(listSsoProviders, {});
    expect(redirectUrl).toBe(`${app.config.publicUrl}/sign-in/sso`);
    expect(items).toMatchObject([
      { providerId, issuer: outside.issuer, clientId: 'daybook', domains: ['north.example'] },
    ]);
    expect(JSON.stringify(items)).not.toContain(outside.clientSecret);
    const south = await app.client('Admin', 'south');
    expect((await south.ask(listSsoProviders, {})).items).toEqual([]);
    const { rows } = await app.projector.pool.query<{ data: string; operation: string }>(
      `select data::text as data, meta->>'operation' as operation from store.events where type = 'identity.sso-provider-set.v1'`,
    );
    expect(new Set(rows.map(({ operation }) => operation))).toEqual(new Set([recordSsoProvider.name]));
    expect(JSON.stringify(rows)).not.toContain(outside.clientSecret);
  });

  it('keeps the settings that a change leaves out: domains, claim, address and secret', async () => {
    const shown = async () => {
      await app.settle();
      return (await admin.ask(listSsoProviders, {})).items.find((one) => one.providerId === providerId)!;
    };
    const { since: _, version: was, ...before } = await shown();
    await admin.execute(setSsoProvider, { providerId, label: 'Fjord' });
    expect(await shown()).toMatchObject({ ...before, label: 'Fjord', version: was + 1 });
    await admin.execute(setSsoProvider, { providerId, domains: [] });
    // At once, before the read model follows: the state comes from the event log.
    await admin.execute(setSsoProvider, { providerId, label: 'Fjord login' });
    expect(await shown()).toMatchObject({ ...before, domains: [] });
    await admin.execute(setSsoProvider, { providerId, domains: ['north.example'] });
    expect(await shown()).toMatchObject(before);
    outside.outsider = memberOutside('Auditor');
    expect((await begin()).url).toContain(outside.issuer);
    const incomplete = await admin.execute(setSsoProvider, { providerId: randomUUID(), issuer: outside.issuer }, { status: 400 }); // prettier-ignore
    expect(incomplete).toMatchObject({ code: 'identity.sso-provider-incomplete', errors: [{ pointer: '/label' }, { pointer: '/clientId' }] }); // prettier-ignore
  });

  it('cannot be linked, changed or removed from another tenant', async () => {
    const south = await app.client('Admin', 'south');
    await south.execute(linkSsoAccount, { providerId }, { status: 404 });
    await south.execute(removeSsoProvider, { providerId }, { status: 404 });
    const { issuer, clientId } = outside;
    await south.execute(setSsoProvider, { providerId, label: 'Mine', issuer, clientId }, { status: 404 });
  });

  it('refuses an issuer that is not https, does not answer, or would get the secret of another one', async () => {
    const refuse = async (issuer: string, id = randomUUID()) =>
      (
        (await admin
          .execute(setSsoProvider, { providerId: id, label: 'Other', issuer, clientId: 'daybook' }, { status: 0 })
          .catch((error: Error) => error)) as Error
      ).message;
    for (const issuer of [
      'http://login.example.org',
      'http://169.254.169.254/latest',
      'https://user:pw@login.example.org',
    ]) {
      expect(await refuse(issuer)).toContain('identity.issuer-not-allowed');
    }
    expect(await refuse('http://127.0.0.1:9')).toContain('identity.sso-provider-unreachable');
    expect(await refuse('http://127.0.0.1:9', providerId)).toContain('identity.sso-secret-required');
  });

  it('ends when the provider is removed', async () => {
    const id = randomUUID();
    const { issuer, clientId, clientSecret } = outside;
    await admin.execute(setSsoProvider, { providerId: id, label: 'Short', issuer, clientId, clientSecret });
    await app.settle();
    const { url, cookie } = await begin(id);
    const query = await outside.walk(url);
    await admin.execute(removeSsoProvider, { providerId: id });
    await finish(query, cookie).expect(401);
    await stranger().post(pathOf(beginSso)).send({ providerId: id }).expect(404);
    await admin.execute(removeSsoProvider, { providerId: id }, { status: 404 });
    const { rows } = await app.projector.pool.query<{ operation: string }>(
      `select meta->>'operation' as operation from store.events where type = 'identity.sso-provider-removed.v1'`,
    );
    expect(new Set(rows.map(({ operation }) => operation))).toEqual(new Set([retireSsoProvider.name]));
  });
});
