import { StoreUnavailable } from '@daybook/event-store';
import {
  command,
  type CommandOperation,
  guarded,
  isRejection,
  newId,
  query,
  reject,
  RejectionError,
} from '@daybook/kernel';
import * as z from 'zod';
import { answer, type ApprovalGate, context, perform, type PerformContext } from '../../context.js';
import { filePermissions } from '../../rest/file-permissions.js';
import { accessOfPerson, grantOf } from '../../testing/access.js';
import { type Access, type Authenticator } from '../access.js';
import { ConcurrencyLimits, concurrencyRules } from '../concurrency.js';

/* A context of commands and a query, and callers, for the spec of what runs for calls of every origin. */
export const [tenant, shopId] = [newId(), newId()];
const declared = { permission: 'shops.shop.write', says: 'did it' } as const;
const named = z.object({ name: z.string().min(2) });

export const open = command('shops.shop.open', {
  ...declared,
  title: 'Open a shop',
  http: 'POST /v1/shops/open',
  input: named,
});
export const odd = command('shops.shop.odd', {
  ...declared,
  title: 'Answer what is not declared',
  http: 'POST /v1/shops/odd',
  input: named,
});
export const close = command('shops.shop.close', {
  ...declared,
  title: 'Close a shop',
  http: 'POST /v1/shops/close',
  input: named,
});
export const forbid = command('shops.shop.forbid', {
  ...declared,
  title: 'Refuse',
  http: 'POST /v1/shops/forbid',
  input: named,
});
export const sell = command('shops.shop.sell', {
  ...declared,
  title: 'Sell a shop',
  http: 'POST /v1/shops/sell',
  input: named,
  approvable: { summary: () => 'A shop' },
});
export const list = query('shops.shop.list', {
  title: 'List shops',
  http: 'GET /v1/shops',
  permission: 'shops.shop.read',
  input: z.object({}),
  output: z.object({ email: guarded(z.string().nullable(), 'shops.shop.email', 'E-mail address of a shop') }),
});
/** Held until the spec lets it go, so that a second one meets it. */
export const hold = command('shops.shop.hold', {
  ...declared,
  title: 'Hold',
  http: 'POST /v1/shops/hold',
  input: named,
});
export const holding = { running: 0, free: Promise.withResolvers<void>() };
/** Its steps are those that a spec asks for. */
export const relay = command('shops.shop.relay', {
  ...declared,
  permission: 'shops.shop.relay',
  title: 'Relay',
  http: 'POST /v1/shops/relay',
  input: named,
});
export const relayed: { send: (context: PerformContext) => Promise<void> } = { send: async () => undefined };
export type Shop = CommandOperation<string, typeof named>;
const done = (id: string) => ({ id, version: 1, position: '0' });
export const shops = context({
  name: 'shops',
  title: 'Shops',
  bindings: [
    perform(open, async (_, { commandId }) => done(commandId)),
    perform(odd, async () => ({ ...done(shopId), version: 'none' }) as unknown as ReturnType<typeof done>),
    perform(close, async () => {
      throw new RejectionError(reject('shops.closed', 'The shop is closed.'));
    }),
    perform(forbid, async () => reject('shops.forbidden', 'Not here.', { status: 403 })),
    perform(sell, async () => done(shopId)),
    perform(hold, async () => {
      holding.running += 1;
      await holding.free.promise;
      return done(shopId);
    }),
    perform(relay, async (_, asked) => (await relayed.send(asked), done(shopId))),
    answer(list, async () => ({ email: 'shop@example.org' })),
  ],
});

export const all = [declared.permission, 'shops.shop.read', filePermissions.upload];
export const person = (grants: Access['grants']): Access => accessOfPerson(tenant, 'ada', [], { grants });
const people: Readonly<Record<string, Access>> = {
  owner: person([grantOf(all)]),
  nobody: person([]),
  /** Has no right to the steps themselves. */
  relayer: person([grantOf(['shops.shop.relay'])]),
  masked: person([grantOf(all, { fields: { 'shops.shop.email': 'hide' } })]),
};
/** Tokens are names. For `absent` the database is away. `former` had the rights of the owner a moment ago, and has none now. */
export const authenticator: Authenticator = {
  authenticate: async (bearer, _address, ahead) => {
    if (bearer === 'absent') throw new StoreUnavailable('unreachable', 'away');
    if (bearer !== 'former') return people[bearer] ?? reject('platform.unauthenticated', 'Who?', { status: 401 });
    ahead?.(people['owner']!);
    return people['nobody']!;
  },
};
/** Lets each caller run one command at a time, and none wait. */
class OnePlace extends ConcurrencyLimits {
  refused = 0;
  constructor() {
    const command = { caller: { running: 1, waiting: 0 }, tenant: concurrencyRules.command.tenant };
    super({ ...concurrencyRules, command });
  }
  override async enter(...given: Parameters<ConcurrencyLimits['enter']>) {
    const entered = await super.enter(...given);
    if (isRejection(entered)) this.refused += 1;
    return entered;
  }
}
export const place = new OnePlace();
/** Makes everything wait for approval that can. */
export const gate: ApprovalGate = { ask: async () => ({ ...done(shopId), approvalRequest: shopId }) };
