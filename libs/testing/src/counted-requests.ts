import { AsyncLocalStorage } from 'node:async_hooks';
import { newId, type Operation } from '@daybook/kernel';
import { onRoundTrip, type RoundTrip } from '@daybook/postgres/round-trips';
import { routeOf } from '@daybook/server/rest/operation-controller';
import type { TestApp, TestClient, TestRole } from './app.js';
import { ApiDocument } from './openapi-document.js';
import { sampleInput } from './operation-requests.js';
import { anyAddress, inject, json } from './raw-requests.js';
import { makeWorld, type World } from './world.js';

/*
 * Every operation of the product, asked over REST as its callers do, with the round trips to the database that its caller
 * waits for. Reads are counted when they are asked for the second time, commands when they are sent to a stream that this
 * process has written to before. Nothing is timed.
 */
type Json = Record<string, unknown>;

export interface CountedRequest {
  readonly operation: Operation;
  /** `decide`: one decision on one stream; `answer`: from read models; `perform`: anything else. */
  readonly bound: 'decide' | 'answer' | 'perform';
  readonly status: number;
  readonly trips: readonly RoundTrip[];
}

/** Counts what is waited for within the work, and in nothing that runs beside it. */
export async function roundTripsOf<T>(work: () => Promise<T>): Promise<{ result: T; trips: RoundTrip[] }> {
  const trips: RoundTrip[] = [];
  let waiting = true;
  const within = new AsyncLocalStorage<boolean>();
  const stop = onRoundTrip((trip) => void (waiting && within.getStore() && trips.push(trip)));
  try {
    const result = await within.run(true, async () => await work());
    waiting = false;
    return { result, trips };
  } finally {
    stop();
  }
}

export class RequestCounter {
  private readonly operations: ReadonlyMap<string, Operation>;
  readonly counted = new Map<string, CountedRequest>();

  private constructor(
    private readonly app: TestApp,
    private readonly world: World,
    private readonly document: ApiDocument,
  ) {
    this.operations = new Map(app.api.bindings.operations.map((one) => [one.name, one]));
  }

  static async in(app: TestApp): Promise<RequestCounter> {
    const { body } = await app.anonymous.get('/openapi.json');
    return new RequestCounter(app, await makeWorld(app, 'north'), new ApiDocument(body as Json));
  }

  /** Sends an operation; what the last one took under a name counts. */
  async send(role: TestRole, name: string, input: Json, version?: number): Promise<Json & { id?: string }> {
    const operation = this.operations.get(name);
    if (!operation) throw new Error(`There is no operation ${name}`);
    const request = requestOf(operation, input, await this.app.client(role), version);
    await this.app.settle();
    const { result, trips } = await roundTripsOf(() => inject(this.app.app, request));
    const bound = this.app.api.bindings.of(operation).kind;
    this.counted.set(name, { operation, bound, status: result.statusCode, trips });
    return JSON.parse(result.payload || '{}') as Json;
  }

  /** Asks every read twice, with ids of records that are there. */
  async reads(): Promise<void> {
    for (const { name, kind } of this.operations.values()) {
      if (kind !== 'query') continue;
      const role = name === 'identity.session.read' || name.startsWith('accounting.') ? 'Accountant' : 'Admin';
      for (let time = 0; time < 2; time++) await this.send(role, name, this.sample(name));
    }
  }

  /** What the script did not come to: as it is with fitting input, accepted or not. */
  async others(): Promise<void> {
    for (const { name, kind } of this.operations.values()) {
      if (kind === 'query' || this.counted.has(name)) continue;
      for (let time = 0; time < 2; time++) await this.send('Admin', name, this.sample(name));
    }
  }

  /** The commands that people send all day, each accepted, twice. */
  async commands(): Promise<void> {
    for (let time = 0; time < 2; time++) {
      await this.books(time);
      await this.people(time);
      await this.control(time);
    }
  }

  private async books(time: number): Promise<void> {
    const send = (name: string, input: Json) => this.send('Accountant', `accounting.${name}`, input);
    const [companyId] = this.world.pool['companyId'] ?? [];
    await send('company.create', { name: `Company ${time}`, currency: 'NOK' });
    await send('account.add', { companyId, number: `30${time}1`, name: 'Sales', class: 'income' });
    await send('account.change', { companyId, number: '3000', name: `Sales ${time}` });
    await send('journal.add', { companyId, code: `J${time}`, name: 'Journal' });
    const lines = ['debit', 'credit'].map((side) => ({ account: '1920', side, amount: '5.00' }));
    const entry = { companyId, journal: 'GL', date: '2026-04-01', description: 'Entry', lines };
    const { id: entryId } = await send('entry.post', entry);
    await send('entry.hold', { companyId, entryId, reason: 'A question' });
    await send('entry.release', { companyId, entryId });
    await send('entry.reverse', { companyId, entryId });
  }

  private async people(time: number): Promise<void> {
    const send = (name: string, input: Json) => this.send('Admin', `identity.${name}`, input);
    const reason = 'As agreed';
    const [personId] = this.world.pool['personId']?.slice(-1) ?? [];
    await send('tenant.rename', { name: `north ${time}` });
    await send('policy.set', { mfaRequired: false });
    const { id: grantId } = await send('grant.give', { holderId: personId, role: ['Staff', 'Auditor'][time] });
    await send('grant.revoke', { grantId, reason });
    const role = { name: `Reader ${time}`, permissions: ['accounting.account.read'] };
    const { id: roleId } = await send('role.define', role);
    await send('role.change', { roleId, name: `Looker ${time}` });
    await send('role.remove', { roleId });
    const { id: serviceId } = await send('service.create', { name: `Service ${time}` });
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const issued = { name: `Key ${time}`, scopes: ['accounting.account.read'], until };
    const { keyId } = await send('api-key.issue', { serviceId, ...issued });
    await send('api-key.revoke', { keyId, reason });
    await send('service.deactivate', { serviceId, reason });
    const own = await send('own-api-key.issue', { ...issued, scopes: ['identity.member.read'] });
    await send('own-api-key.revoke', { keyId: own['keyId'], reason });
    await send('member.deactivate', { personId, reason });
    await send('member.reactivate', { personId, reason });
    await send('own-name.set', { name: `Admin ${time}` });
    await send('retention.set', { personId, reason, until: '2030-01-01' });
    await send('retention.lift', { personId, reason });
    const consent = { email: 'accountant@north.example', hours: 1, reason };
    const { id: delegatedAccessId } = await send('delegated-access.allow', consent);
    await send('delegated-access.end', { delegatedAccessId });
    const guest = { email: `guest${time}@north.example`, role: 'Auditor' };
    const { id: invitationId } = await send('invitation.send', guest);
    await send('invitation.withdraw', { invitationId });
    const { id: reviewId } = await send('review.start', { name: `Review ${time}`, dueOn: '2027-12-31' });
    await send('review.close', { reviewId });
  }

  private async control(time: number): Promise<void> {
    const send = (name: string, input: Json, role: TestRole = 'Admin') => this.send(role, name, input);
    const sod = {
      ruleId: newId(),
      first: 'accounting.account.add',
      second: 'accounting.journal.add',
      mitigation: null,
    };
    await send('identity.sod-rule.set', { ...sod, risk: 'Both hands' });
    await send('identity.sod-rule.remove', { ruleId: sod.ruleId });
    const rule = { operation: 'accounting.entry.reverse', above: null, role: null, approvers: 1, approverRole: null };
    const ruleId = newId();
    await send('approvals.rule.set', { ruleId, ...rule });
    const [companyId, entryId] = ['companyId', 'entryId'].map((name) => this.world.pool[name]?.[0]);
    const ask = () => send('accounting.entry.reverse', { companyId, entryId }, 'Accountant');
    const reverse = this.counted.get('accounting.entry.reverse');
    const [first, second] = [await ask(), await ask()];
    // Counted where no rule holds it back.
    if (reverse) this.counted.set('accounting.entry.reverse', reverse);
    await send('approvals.request.reject', { requestId: first['approval'] ?? first.id, reason: 'Not so' });
    await send('approvals.request.withdraw', { requestId: second['approval'] ?? second.id }, 'Accountant');
    await send('approvals.rule.remove', { ruleId });
    await this.app.settle();
    void time;
  }

  private sample(name: string): Json {
    return sampleInput(this.operations.get(name)!, this.world, this.document);
  }
}

function requestOf(operation: Operation, input: Json, client: TestClient, version?: number) {
  const { method, path } = routeOf(operation);
  const rest = { ...input };
  const address = path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = String(rest[name]);
    delete rest[name];
    return encodeURIComponent(value);
  });
  const headers = {
    ...(operation.permission === null ? {} : { authorization: `Bearer ${client.token}` }),
    ...(version === undefined ? {} : { 'if-match': `"${version}"` }),
  };
  const remoteAddress = anyAddress();
  if (method === 'GET') {
    const query = new URLSearchParams(
      Object.entries(rest).map(([key, value]): [string, string] => [key, String(value)]),
    );
    return { method, url: query.size > 0 ? `${address}?${query}` : address, headers, remoteAddress };
  }
  return { method, url: address, headers: { ...headers, ...json }, payload: JSON.stringify(rest), remoteAddress };
}
