import { command, query, reject, type Rejection } from '@daybook/kernel';
import type { CommandBus, QueryBus } from '@nestjs/cqrs';
import * as z from 'zod';
import { answer, context, perform } from '../context.js';
import { accessOfPerson, grantOf } from '../testing/access.js';
import type { Access } from './access.js';
import { Bindings } from './bindings.js';
import type { Core } from './handlers.js';
import { RateLimits } from './limits.js';
import type { Ask, Execute } from './messages.js';
import { OperationDispatcher } from './operation-dispatcher.js';
import { internalRequest, type OperationRequest } from './request.js';

const tenant = '0190a1b2-0000-7000-8000-00000000a001';
const [north, south] = ['0190a1b2-0000-7000-8000-0000000000aa', '0190a1b2-0000-7000-8000-0000000000bb'];
const listShops = query('shops.shop.list', {
  title: 'List shops',
  http: 'GET /v1/shops/shops',
  permission: 'shops.shop.read',
  scope: 'caller',
  input: z.object({}),
  output: z.object({ companies: z.array(z.string()) }),
});
const openShop = command('shops.shop.open', {
  title: 'Open a shop',
  http: 'POST /v1/shops/shops',
  says: 'opened a shop',
  input: z.object({}),
  output: z.object({}),
});

const inCompany = (companyId: string): Access =>
  accessOfPerson(tenant, 'p', [], {
    grants: [grantOf(['shops.shop.read', 'shops.shop.open'], companyId === '' ? {} : { companyId })],
  });

/** A dispatcher whose reads answer the companies they were let see, when they are let go. */
function dispatching(work: (ask: Ask | Execute) => Promise<void> = async () => undefined) {
  const ran: (Ask | Execute)[] = [];
  const execute = async (message: Ask | Execute) => {
    ran.push(message);
    await work(message);
    return { kind: 'answered', value: { companies: message.call.caller.companies } };
  };
  const shops = context({
    name: 'shops',
    title: 'Shops',
    bindings: [answer(listShops, async () => ({ companies: [] })), perform(openShop, async () => ({}))],
  });
  const bus = { execute } as unknown as CommandBus & QueryBus;
  const core = { bindings: new Bindings([shops]), passed: () => null } as unknown as Core;
  const observer = { done: () => undefined, failed: () => undefined };
  return { ran, dispatcher: new OperationDispatcher(core, bus, bus, observer, new RateLimits(), false) };
}
const asking = (ahead: Access | null, access: Promise<Access | Rejection>): OperationRequest => ({
  ...internalRequest({ tenant, actor: { kind: 'person', id: 'p' }, channel: 'rest', traceId: 't' }),
  access: () => access,
  ahead: async () => ahead,
});

describe('a read that begins with the rights of a moment ago', () => {
  it('is answered once they are known to be those of now, and not before', async () => {
    const access = inCompany(north);
    const { promise, resolve } = Promise.withResolvers<Access>();
    const { ran, dispatcher } = dispatching();
    let answered = false;
    const run = dispatcher.run(listShops, {}, asking(access, promise)).finally(() => (answered = true));
    await new Promise((done) => setImmediate(done));
    expect([ran.length, answered]).toEqual([1, false]);
    resolve({ ...access });
    expect(await run).toMatchObject({ value: { companies: [north] } });
    expect(ran).toHaveLength(1);
  });

  it('is done again with those of now where they differ', async () => {
    const { ran, dispatcher } = dispatching();
    const run = dispatcher.run(listShops, {}, asking(inCompany(north), Promise.resolve(inCompany(south))));
    expect(await run).toMatchObject({ value: { companies: [south] } });
    expect(ran).toHaveLength(2);
  });

  it('answers nothing when there are none any more, and nobody hears how it went', async () => {
    const ended = reject('platform.unauthenticated', 'The session has ended.', { status: 401 });
    const { dispatcher } = dispatching(() => Promise.reject(new Error('broken')));
    expect(await dispatcher.run(listShops, {}, asking(inCompany(north), Promise.resolve(ended)))).toBe(ended);
    const access = inCompany(north);
    const failing = dispatcher.run(listShops, {}, asking(access, Promise.resolve(access)));
    await expect(failing).rejects.toThrow('broken');
  });

  it('is a read only: whatever does more waits for the rights of now', async () => {
    const { ran, dispatcher } = dispatching();
    const { promise, resolve } = Promise.withResolvers<Access>();
    const run = dispatcher.run(openShop, {}, asking(inCompany(''), promise));
    await new Promise((done) => setImmediate(done));
    expect(ran).toHaveLength(0);
    resolve(inCompany(''));
    await run;
    expect(ran).toHaveLength(1);
  });
});
