import { isRejection, type OutputOf, type Rejection, streamName } from '@daybook/kernel';
import { answer, decide, perform } from '@daybook/server';
import { credentialStep } from '../factor/credentials.js';
import { Notices } from '../link/notices.js';
import type { IdentityParts, Room } from '../room.js';
import { sessionMethods } from '../session/session.operations.js';
import { forPerson } from '../session/session.room.js';
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

export function providerRoom(parts: IdentityParts): Room {
  const rows = new ProviderRows(parts.pool, parts.secret);
  const oidc = new Oidc(parts.issuers, (what) => parts.logger.warn(what, 'a sign-in provider failed'));
  const signIn = new ProviderSignIn(parts, rows, oidc, new Notices(parts));
  const realm = new HomeRealm(parts, rows);
  return {
    events: providerEvents,
    bindings: [
      answer(listProviders, async (_, read) => ({
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
      perform(setProvider, (input, asking) => setUpProvider({ parts, rows, oidc, signIn }, input, asking)),
      perform(removeProvider, async ({ providerId }, { execute, caller }) => {
        const retired = await execute(retireProvider, { providerId });
        if (!isRejection(retired)) await rows.remove(providerId, caller.tenant);
        return retired;
      }),
      perform(startProviderSignIn, ({ providerId }, asking) => signIn.begin(providerId, null, asking)),
      perform(finishProviderSignIn, ({ query }, asking) => signIn.finish(query, asking)),
      perform(sessionMethods, async ({ domain }) => ({
        providers: await realm.offered(domain ?? null),
        passwordReset: true,
      })),
      perform(
        listOwnProviders,
        forPerson(async (personId, _, { caller }): Promise<OutputOf<typeof listOwnProviders>> => {
          const linked = await rows.linksOf(personId);
          const here = await realm.ofTenant(caller.tenant);
          return { items: here.map((one) => ({ ...one, linkedAt: linked.get(one.providerId) ?? null })) };
        }),
      ),
      perform(
        linkProvider,
        forPerson(async (personId, { providerId }, asking) => {
          const known = await rows.find(providerId);
          if (known?.tenant !== asking.caller.tenant) return providerMissing();
          return signIn.begin(providerId, personId, asking);
        }),
      ),
      perform(
        unlinkProvider,
        forPerson(async (personId, { providerId }, asking): Promise<{ unlinked: boolean } | Rejection> => {
          const unlinked = await rows.unlink(providerId, personId);
          if (unlinked) await credentialStep(asking, personId, 'provider', 'removed');
          return { unlinked };
        }),
      ),
    ],
    internal: [
      perform(applyProvider, (input, asking) => applySettings({ parts, rows, signIn }, input, asking)),
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
}
