import { randomUUID } from 'node:crypto';
import type { OutputOf } from '@daybook/kernel';
import { sessionMethods } from '../session/session.operations.js';
import { pathOf, useSso } from '../testing/sso-fixture.js';
import {
  linkSsoAccount,
  listSsoProviders,
  removeSsoProvider,
  setSsoProvider,
  beginSso,
} from './sso-provider.operations.js';
import { recordSsoProvider, retireSsoProvider } from './sso-provider.internal.js';

describe('an SSO provider that is set up', () => {
  const sso = useSso();
  const offeredTo = async (query: Record<string, string>) => {
    const { body } = await sso.stranger().get(pathOf(sessionMethods)).query(query).expect(200);
    return (body as OutputOf<typeof sessionMethods>).providers;
  };

  it('is offered only to addresses of its domains, so that people of one tenant do not learn of another', async () => {
    expect(await offeredTo({})).toEqual([]);
    expect(await offeredTo({ domain: 'south.example' })).toEqual([]);
    const { host } = new URL(sso.outside.issuer);
    for (const domain of ['north.example', 'NORTH.example'])
      expect(await offeredTo({ domain })).toEqual([{ providerId: sso.providerId, label: 'Fjord login', host }]);
    for (const domain of ['kari@north.example', 'north', 'north example', `${'n'.repeat(64)}.example`])
      await sso.stranger().get(pathOf(sessionMethods)).query({ domain }).expect(400);
  });

  it('is offered to nobody if it has no domain and there are people of another tenant', async () => {
    const id = randomUUID();
    const { issuer, clientId } = sso.outside;
    await sso.admin.execute(setSsoProvider, { providerId: id, label: 'Nameless', issuer, clientId });
    await sso.app.settle();
    expect(await offeredTo({})).toEqual([]);
    expect(await offeredTo({ domain: 'north.example' })).toHaveLength(1);
    await sso.admin.execute(removeSsoProvider, { providerId: id });
  });

  it('cannot claim a domain in which no active user has an address', async () => {
    const { issuer, clientId } = sso.outside;
    const named = {
      providerId: randomUUID(),
      label: 'Theirs',
      issuer,
      clientId,
      domains: ['north.example', 'south.example'],
    };
    const refused = (await sso.admin.execute(setSsoProvider, named, { status: 409 })) as unknown as {
      errors: object[];
    };
    expect(refused).toMatchObject({ code: 'identity.sso-domain-unverified', errors: [{ pointer: '/domains' }] });
    expect(await offeredTo({ domain: 'south.example' })).toEqual([]);
  });

  it('is listed without its secret', async () => {
    await sso.app.settle();
    const { items, redirectUrl } = await sso.admin.ask(listSsoProviders, {});
    expect(redirectUrl).toBe(`${sso.app.config.publicUrl}/sign-in/sso`);
    expect(items).toMatchObject([
      { providerId: sso.providerId, issuer: sso.outside.issuer, clientId: 'daybook', domains: ['north.example'] },
    ]);
    expect(JSON.stringify(items)).not.toContain(sso.outside.clientSecret);
    const south = await sso.app.client('Admin', 'south');
    expect((await south.ask(listSsoProviders, {})).items).toEqual([]);
    const { rows } = await sso.app.projector.pool.query<{ data: string; operation: string }>(
      `select data::text as data, meta->>'operation' as operation from store.events where type = 'identity.sso-provider-set.v1'`,
    );
    expect(new Set(rows.map(({ operation }) => operation))).toEqual(new Set([recordSsoProvider.name]));
    expect(JSON.stringify(rows)).not.toContain(sso.outside.clientSecret);
  });

  it('keeps the settings that a change leaves out: domains, claim, address and secret', async () => {
    const shown = async () => {
      await sso.app.settle();
      return (await sso.admin.ask(listSsoProviders, {})).items.find((one) => one.providerId === sso.providerId)!;
    };
    const { since: _, version: was, ...before } = await shown();
    await sso.admin.execute(setSsoProvider, { providerId: sso.providerId, label: 'Fjord' });
    expect(await shown()).toMatchObject({ ...before, label: 'Fjord', version: was + 1 });
    await sso.admin.execute(setSsoProvider, { providerId: sso.providerId, domains: [] });
    // At once, before the read model follows: the state comes from the event log.
    await sso.admin.execute(setSsoProvider, { providerId: sso.providerId, label: 'Fjord login' });
    expect(await shown()).toMatchObject({ ...before, domains: [] });
    await sso.admin.execute(setSsoProvider, { providerId: sso.providerId, domains: ['north.example'] });
    expect(await shown()).toMatchObject(before);
    sso.outside.outsider = sso.memberOutside('Auditor');
    expect((await sso.begin()).url).toContain(sso.outside.issuer);
    const incomplete = await sso.admin.execute(setSsoProvider, { providerId: randomUUID(), issuer: sso.outside.issuer }, { status: 400 }); // prettier-ignore
    expect(incomplete).toMatchObject({ code: 'identity.sso-provider-incomplete', errors: [{ pointer: '/label' }, { pointer: '/clientId' }] }); // prettier-ignore
  });

  it('cannot be linked, changed or removed from another tenant', async () => {
    const south = await sso.app.client('Admin', 'south');
    await south.execute(linkSsoAccount, { providerId: sso.providerId }, { status: 404 });
    await south.execute(removeSsoProvider, { providerId: sso.providerId }, { status: 404 });
    const { issuer, clientId } = sso.outside;
    await south.execute(
      setSsoProvider,
      { providerId: sso.providerId, label: 'Mine', issuer, clientId },
      { status: 404 },
    );
  });

  it('refuses an issuer that is not https, does not answer, or would get the secret of another one', async () => {
    const refuse = async (issuer: string, id = randomUUID()) =>
      (
        (await sso.admin
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
    expect(await refuse('http://127.0.0.1:9', sso.providerId)).toContain('identity.sso-secret-required');
  });

  it('ends when the provider is removed', async () => {
    const id = randomUUID();
    const { issuer, clientId, clientSecret } = sso.outside;
    await sso.admin.execute(setSsoProvider, { providerId: id, label: 'Short', issuer, clientId, clientSecret });
    await sso.app.settle();
    const { url, cookie } = await sso.begin(id);
    const query = await sso.outside.walk(url);
    await sso.admin.execute(removeSsoProvider, { providerId: id });
    await sso.finish(query, cookie).expect(401);
    await sso.stranger().post(pathOf(beginSso)).send({ providerId: id }).expect(404);
    await sso.admin.execute(removeSsoProvider, { providerId: id }, { status: 404 });
    const { rows } = await sso.app.projector.pool.query<{ operation: string }>(
      `select meta->>'operation' as operation from store.events where type = 'identity.sso-provider-removed.v1'`,
    );
    expect(new Set(rows.map(({ operation }) => operation))).toEqual(new Set([retireSsoProvider.name]));
  });
});
