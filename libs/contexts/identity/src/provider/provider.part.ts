import { isRejection, type OutputOf, type Rejection, streamName } from '@daybook/kernel';
import { answer, type ContextPart, decide, perform } from '@daybook/server';
import { credentialStep } from '../factor/credentials.js';
import { only } from '../injected.js';
import { sessionMethods } from '../session/session.operations.js';
import { forPerson } from '../session/session.part.js';
import { Oidc } from './oidc.js';
import { providerDecider } from './provider.decider.js';
import { providerEvents } from './provider.events.js';
import {
  applyProvider,
  finishProviderSignIn,
  linkProvider,
  listOwnProviders,
  listProviders,
  providerSteps,
  removeProvider,
  retireProvider,
  setProvider,
  startProviderSignIn,
  unlinkProvider,
} from './provider.operations.js';
import { ProviderRows } from './provider-rows.js';
import { providerMissing, ProviderSignIn } from './provider-sign-in.js';
import { providers, providerTable } from './providers.projection.js';
import { HomeRealm } from './home-realm.js';
import { applySettings, setUpProvider } from './set-up-provider.js';

const using = { rows: ProviderRows, signIn: ProviderSignIn } as const;
const settingUp = { ...using, oidc: Oidc, ...only('tenantStates', 'memberships') } as const;

export const providerPart: ContextPart = {
  events: providerEvents,
  bindings: [
    answer(listProviders, using, async (_, read, { signIn }) => ({
      redirectUrl: signIn.redirectUrl,
      items: await read.db
        .selectFrom(read.rows(providerTable).as('p'))
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
    perform(setProvider, settingUp, (input, asking, given) => setUpProvider(given, input, asking)),
    perform(removeProvider, using, async ({ providerId }, { execute, caller }, { rows }) => {
      const retired = await execute(retireProvider, { providerId });
      if (!isRejection(retired)) await rows.remove(providerId, caller.tenant);
      return retired;
    }),
    perform(startProviderSignIn, using, ({ providerId }, asking, { signIn }) => signIn.begin(providerId, null, asking)),
    perform(finishProviderSignIn, using, ({ query }, asking, { signIn }) => signIn.finish(query, asking)),
    perform(sessionMethods, { realm: HomeRealm }, async ({ domain }, _asking, { realm }) => ({
      providers: await realm.offered(domain ?? null),
      passwordReset: true,
    })),
    perform(
      listOwnProviders,
      { rows: ProviderRows, realm: HomeRealm },
      forPerson(async (personId, _, { caller }, { rows, realm }): Promise<OutputOf<typeof listOwnProviders>> => {
        const linked = await rows.linksOf(personId);
        const here = await realm.ofTenant(caller.tenant);
        return { items: here.map((one) => ({ ...one, linkedAt: linked.get(one.providerId) ?? null })) };
      }),
    ),
    perform(
      linkProvider,
      using,
      forPerson(async (personId, { providerId }, asking, { rows, signIn }) => {
        const known = await rows.find(providerId);
        if (known?.tenant !== asking.caller.tenant) return providerMissing();
        return signIn.begin(providerId, personId, asking);
      }),
    ),
    perform(
      unlinkProvider,
      using,
      forPerson(async (personId, { providerId }, asking, { rows }): Promise<{ unlinked: boolean } | Rejection> => {
        const unlinked = await rows.unlink(providerId, personId);
        if (unlinked) await credentialStep(asking, personId, 'provider', 'removed');
        return { unlinked };
      }),
    ),
  ],
  internal: [
    perform(applyProvider, settingUp, (input, asking, given) => applySettings(given, input, asking)),
    decide({
      operations: providerSteps,
      decider: providerDecider,
      events: providerEvents,
      stream: ({ providerId }, { tenant }) => streamName('identity.provider', tenant, providerId),
    }),
  ],
  projections: [providers],
  views: { providers: listProviders },
};
