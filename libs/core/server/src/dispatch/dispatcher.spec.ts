import { command, query, reject, type Rejection } from '@daybook/kernel';
import * as z from 'zod';
import { answer, type Caller, context, perform } from '../context.js';
import { accessOfPerson, grantOf } from '../testing/access.js';
import { type KitApp, startKit } from '../testing/kit-app.js';
import type { Access } from './access.js';
import { Dispatcher } from './dispatcher.js';
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

/** A dispatcher whose operations record the companies they may see, once `work` lets them go on. */
async function dispatching(work: () => Promise<void> = async () => undefined) {
  const ran: Caller['companies'][] = [];
  const run = async ({ companies }: Caller) => {
    ran.push(companies);
    await work();
    return companies;
  };
  const shops = context({
    name: 'shops',
    title: 'Shops',
    bindings: [
      answer(listShops, async (_, { caller }) => ({ companies: [...((await run(caller)) ?? [])] })),
      perform(openShop, async (_, { caller }) => {
        await run(caller);
        return {};
      }),
    ],
  });
  const kit = await startKit({ contexts: [shops] });
  kits.push(kit);
  return { ran, dispatcher: kit.app.get(Dispatcher) };
}
const kits: KitApp[] = [];
afterEach(async () => {
  for (const kit of kits.splice(0)) await kit.close();
});

const asking = (ahead: Access | null, access: Promise<Access | Rejection>): OperationRequest => ({
  ...internalRequest({ tenant, actor: { kind: 'person', id: 'p' }, channel: 'rest', traceId: 't' }),
  access: () => access,
  ahead: async () => ahead,
});

describe('a query that starts with the rights of a moment ago', () => {
  it('is answered only once these rights are confirmed', async () => {
    const access = inCompany(north);
    const { promise, resolve } = Promise.withResolvers<Access>();
    const { ran, dispatcher } = await dispatching();
    let answered = false;
    const run = dispatcher.run(listShops, {}, asking(access, promise)).finally(() => (answered = true));
    await new Promise((done) => setImmediate(done));
    expect([ran.length, answered]).toEqual([1, false]);
    resolve({ ...access });
    expect(await run).toMatchObject({ value: { companies: [north] } });
    expect(ran).toHaveLength(1);
  });

  it('runs again when the rights have changed', async () => {
    const { ran, dispatcher } = await dispatching();
    const run = dispatcher.run(listShops, {}, asking(inCompany(north), Promise.resolve(inCompany(south))));
    expect(await run).toMatchObject({ value: { companies: [south] } });
    expect(ran).toHaveLength(2);
  });

  it('returns the rejection when the session has ended, and discards the result', async () => {
    const ended = reject('platform.unauthenticated', 'The session has ended.', { status: 401 });
    const { dispatcher } = await dispatching(() => Promise.reject(new Error('broken')));
    expect(await dispatcher.run(listShops, {}, asking(inCompany(north), Promise.resolve(ended)))).toBe(ended);
    const access = inCompany(north);
    const failing = dispatcher.run(listShops, {}, asking(access, Promise.resolve(access)));
    await expect(failing).rejects.toThrow('broken');
  });

  it('keeps its turn until its reading has ended, also when the session has', async () => {
    const ended = reject('platform.unauthenticated', 'The session has ended.', { status: 401 });
    const { promise, resolve } = Promise.withResolvers<void>();
    const { ran, dispatcher } = await dispatching(() => promise);
    let answered = false;
    const request = asking(inCompany(north), Promise.resolve(ended));
    const run = dispatcher.run(listShops, {}, request).finally(() => (answered = true));
    await new Promise((done) => setImmediate(done));
    expect([ran.length, answered]).toEqual([1, false]);
    resolve();
    expect(await run).toBe(ended);
  });

  it('applies to plain queries only: commands wait for the current rights', async () => {
    const { ran, dispatcher } = await dispatching();
    const { promise, resolve } = Promise.withResolvers<Access>();
    const run = dispatcher.run(openShop, {}, asking(inCompany(''), promise));
    await new Promise((done) => setImmediate(done));
    expect(ran).toHaveLength(0);
    resolve(inCompany(''));
    await run;
    expect(ran).toHaveLength(1);
  });
});
