import { isRejection, type OutputOf, type Rejection, streamName } from '@daybook/kernel';
import { answer, type ContextPart, decide, perform } from '@daybook/server';
import { deps } from '../injected.js';
import { sessionMethods } from '../session/session.operations.js';
import { forPerson } from '../session/session.part.js';
import { Oidc } from './oidc.js';
import { ssoProviderDecider } from './sso-provider.decider.js';
import { ssoProviderEvents } from './sso-provider.events.js';
import {
  finishSso,
  linkSsoAccount,
  listOwnSsoAccounts,
  listSsoProviders,
  removeSsoProvider,
  setSsoProvider,
  beginSso,
  unlinkSsoAccount,
} from './sso-provider.operations.js';
import { applySsoProvider, ssoProviderSteps, retireSsoProvider } from './sso-provider.internal.js';
import { SsoRows } from './sso-rows.js';
import { ssoProviderNotFound, SsoSignIn } from './sso-sign-in.js';
import { ssoProviderTable, ssoProviderProjection } from './sso-provider.projection.js';
import { HomeRealm } from './home-realm.js';
import { applySsoSettings, setUpSsoProvider } from './set-up-sso-provider.js';

const using = { rows: SsoRows, signIn: SsoSignIn } as const;
const settingUp = { ...using, oidc: Oidc, ...deps('tenantStates', 'memberships') } as const;

export const ssoProviderPart: ContextPart = {
  events: ssoProviderEvents,
  bindings: [
    answer(listSsoProviders, using, async (_, read, { signIn }) => ({
      redirectUrl: signIn.redirectUrl,
      items: await read.db
        .selectFrom(read.rows(ssoProviderTable).as('p'))
        .select([
          'p.providerId',
          'p.label',
          'p.issuer',
          'p.clientId',
          'p.domains',
          'p.emailClaim',
          'p.trustsAddresses',
          'p.since',
          'p.version',
        ]) // prettier-ignore
        .orderBy('p.label')
        .execute(),
    })),
    perform(setSsoProvider, settingUp, (input, asking, given) => setUpSsoProvider(given, input, asking)),
    perform(removeSsoProvider, using, async ({ providerId }, { execute, caller }, { rows }) => {
      const retired = await execute(retireSsoProvider, { providerId });
      if (!isRejection(retired)) await rows.remove(providerId, caller.tenant);
      return retired;
    }),
    perform(beginSso, using, ({ providerId }, asking, { signIn }) => signIn.begin(providerId, null, asking)),
    perform(finishSso, using, ({ query }, asking, { signIn }) => signIn.finish(query, asking)),
    perform(sessionMethods, { realm: HomeRealm }, async ({ domain }, _asking, { realm }) => ({
      providers: await realm.offered(domain ?? null),
      passwordReset: true,
    })),
    perform(
      listOwnSsoAccounts,
      { rows: SsoRows, realm: HomeRealm },
      forPerson(async (personId, _, { caller }, { rows, realm }): Promise<OutputOf<typeof listOwnSsoAccounts>> => {
        const linked = await rows.linksOf(personId);
        const here = await realm.ofTenant(caller.tenant);
        return { items: here.map((one) => ({ ...one, linkedAt: linked.get(one.providerId) ?? null })) };
      }),
    ),
    perform(
      linkSsoAccount,
      using,
      forPerson(async (personId, { providerId }, asking, { rows, signIn }) => {
        const known = await rows.find(providerId);
        if (known?.tenant !== asking.caller.tenant) return ssoProviderNotFound();
        return signIn.begin(providerId, personId, asking);
      }),
    ),
    perform(
      unlinkSsoAccount,
      { rows: SsoRows, ...deps('credentialChanges') },
      forPerson(
        async (
          personId,
          { providerId },
          asking,
          { rows, credentialChanges },
        ): Promise<{ unlinked: boolean } | Rejection> => {
          const unlinked = await rows.unlink(providerId, personId);
          const recorded = await credentialChanges.record(personId, asking);
          // Also by an earlier request that could not record it.
          const before = recorded.some(({ kind, change }) => kind === 'sso-account' && change === 'removed');
          return { unlinked: unlinked || before };
        },
      ),
    ),
  ],
  internal: [
    perform(applySsoProvider, settingUp, (input, asking, given) => applySsoSettings(given, input, asking)),
    decide({
      operations: ssoProviderSteps,
      decider: ssoProviderDecider,
      events: ssoProviderEvents,
      stream: ({ providerId }, { tenant }) => streamName('identity.sso', tenant, providerId),
    }),
  ],
  projections: [ssoProviderProjection],
  channels: { 'sso-providers': listSsoProviders },
};
