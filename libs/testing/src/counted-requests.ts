import { AsyncLocalStorage } from 'node:async_hooks';
import { newId, type Operation } from '@daybook/kernel';
import { onRoundTrip, type RoundTrip } from '@daybook/postgres/round-trips';
import { routeOf } from '@daybook/server/rest/operation-controller';
import type { TestApp, TestClient, TestRole } from './app.js';
import { addRows } from './more-rows.js';
import { ApiDocument } from './openapi-document.js';
import { sampleInput } from './operation-requests.js';
import { anyAddress, inject, json } from './raw-requests.js';
import { makeWorld, type World } from './world.js';

/*
 * Every operation of the product, asked over REST as its callers do, with the round trips to the database that its caller
 * waits for. Each is sent more than once, so that streams, keys and schemas are known. Nothing is timed.
 */
type Json = Record<string, unknown>;

export interface CountedRequest {
  readonly operation: Operation;
  /** `decide`: one decision on one stream; `answer`: from read models; `perform`: anything else. */
  readonly bound: 'decide' | 'answer' | 'perform';
  readonly status: number;
  /** Of the problem, where it was refused. */
  readonly code: string | null;
  readonly trips: readonly RoundTrip[];
}

/** A list as it was asked: rows of the answer, and round trips. */
export interface CountedList {
  readonly rows: number;
  readonly trips: number;
}

const readerOf = (name: string): TestRole =>
  name === 'identity.session.read' || name.startsWith('accounting.') ? 'Accountant' : 'Admin';

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
  private named: Readonly<Record<string, Json>> = {};

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

  async send(role: TestRole, name: string, input: Json, version?: number): Promise<Json & { id?: string }> {
    const asked = await this.ask(role, name, input, version);
    const { status, trips, answer } = asked;
    const before = this.counted.get(name);
    // The fewest count: a key or a session that was due for another look costs one request more.
    if (!before || before.status >= 300 || (status < 300 && trips.length <= before.trips.length)) {
      this.counted.set(name, { ...asked, code: status < 300 ? null : String(answer['code']) });
    }
    return answer;
  }

  private async ask(role: TestRole, name: string, input: Json, version?: number) {
    const operation = this.operations.get(name);
    if (!operation) throw new Error(`There is no operation ${name}`);
    const client = await this.app.client(role);
    const request = requestOf(operation, input, client, version);
    await this.app.settle();
    // Rights that the last command changed are folded with the next request, whichever that is.
    await client.get('/v1/approvals/operations');
    const { result, trips } = await roundTripsOf(() => inject(this.app.app, request));
    const bound = this.app.api.bindings.of(operation).kind;
    const answer = JSON.parse(result.payload || '{}') as Json;
    return { operation, bound, status: result.statusCode, trips, answer };
  }

  /** Asks every read twice, with ids of records that are there. */
  async reads(): Promise<void> {
    for (const { name, kind } of this.operations.values()) {
      if (kind !== 'query') continue;
      for (let time = 0; time < 2; time++) await this.send(readerOf(name), name, this.sample(name));
    }
  }

  /** Every list, with so many rows on its page where it has pages. The fewest of two. */
  async lists(limit: number): Promise<ReadonlyMap<string, CountedList>> {
    const lists = new Map<string, CountedList>();
    for (const operation of this.operations.values()) {
      if (operation.kind !== 'query' || !operation.rows) continue;
      const { name, rows } = operation;
      const input = {
        ...this.sample(name),
        ...this.named[name],
        ...('limit' in operation.input.shape ? { limit } : {}),
      };
      const asked = [await this.ask(readerOf(name), name, input), await this.ask(readerOf(name), name, input)];
      const trips = Math.min(...asked.map((one) => one.trips.length));
      lists.set(name, { rows: (asked[0]!.answer[rows] as unknown[] | undefined)?.length ?? 0, trips });
    }
    return lists;
  }

  /** Rows of the lists that the commands add none to. */
  async addRows(time: number): Promise<void> {
    this.named = await addRows(this.app, time);
  }

  /** What the script did not come to: as it is with fitting input, accepted or not. */
  async others(): Promise<void> {
    // Last those after which the Admin is signed out.
    const endsSession = ({ name }: Operation) => Number(/session|sign-out|password|erase/.test(name));
    for (const { name, kind } of [...this.operations.values()].sort((a, b) => endsSession(a) - endsSession(b))) {
      if (kind === 'query' || this.counted.has(name)) continue;
      for (let time = 0; time < 2; time++) await this.send('Admin', name, this.sample(name));
    }
  }

  /** The commands that people send all day, each accepted, twice. */
  async commands(between: () => Promise<void> = async () => undefined): Promise<void> {
    for (let time = 0; time < 2; time++) {
      await this.books(time);
      await this.people(time);
      await this.more(time);
      if (time === 0) await between();
    }
    // From the first rule on commands may wait.
    await this.approvals();
  }

  /** More rows of what the script takes back, and what is said about records of several types. */
  private async more(time: number): Promise<void> {
    const send = (name: string, input: Json) => this.send('Admin', name, input);
    const { companyId: [companyId] = [], entryId: entries = [], tagId: [tagId] = [], } = this.world.pool; // prettier-ignore
    const permissions = ['accounting.account.read'];
    await send('identity.role.define', { name: `Kept ${time}`, permissions });
    const duties = { first: 'accounting.entry.post', second: 'identity.role.define', risk: 'Both hands' };
    await send('identity.sod-rule.set', { ruleId: `kept-${time}`, ...duties, mitigation: null });
    const field = { recordType: 'accounting.account', key: `more${time}`, label: `More ${time}`, kind: 'text' };
    await send('customization.custom-field.create', field);
    const { id: another } = await send('collaboration.tag.create', { name: `Tag ${time}`, colour: 'blue' });
    const member = this.sample('collaboration.comment.list');
    const { items: members = [] } = await send('identity.member.list', {});
    const other = (members as Json[]).find(({ personId }) => personId !== member['recordId'])?.['personId'];
    const named = (recordType: string, recordId: string | undefined) => ({ recordType, recordId, companyId });
    const records = [
      { ...member, ...(time === 0 ? {} : { recordId: other }) },
      named('accounting.entry', entries[time]),
      named('accounting.account', `${companyId}/${['1920', '3000'][time]}`),
    ];
    for (const record of records) {
      for (const role of ['Admin', 'Accountant'] as const)
        await this.send(role, 'collaboration.comment.write', { ...record, text: 'Seen' });
      await send('collaboration.task.set', { ...record, title: 'Ask', dueOn: '2099-12-31' });
      await send('collaboration.record.tag', { ...record, tagId });
    }
    await send('collaboration.record.tag', { ...member, tagId: another });
    await send('collaboration.task.set', { ...member, title: 'Answer', dueOn: '2099-12-31' });
    const { sha256 } = await (await this.app.client('Admin')).upload(`more-${time}.txt`, `More ${time}`);
    await send('collaboration.attachment.attach', { ...member, sha256 });
    const comment = this.sample('collaboration.comment-version.list');
    await this.send('Admin', 'collaboration.comment.edit', { ...comment, text: `Again ${time}` }, time + 1);
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
    const [, , personId] = this.world.pool['personId'] ?? [];
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
    // In one company the Admin has no grant of their own, which another person would have to decide.
    const started = { name: `Review ${time}`, dueOn: '2027-12-31', companyId: this.world.pool['companyId']?.[0] };
    const { id: reviewId } = await send('review.start', started);
    await this.app.settle();
    const { items = [] } = await send('review-item.list', { reviewId });
    for (const { itemId } of items as Json[]) {
      await send('review.decide', { reviewId, itemId, decision: 'keep', reason });
    }
    await send('review.close', { reviewId });
    const rule = { ruleId: `rule-${time}`, first: 'accounting.entry.post', second: 'identity.role.define' };
    await send('sod-rule.set', { ...rule, risk: 'Both hands', mitigation: null });
    await send('sod-rule.remove', { ruleId: rule.ruleId });
  }

  private async approvals(): Promise<void> {
    const rule = { operation: 'accounting.entry.reverse', above: null, role: null, approvers: 1, approverRole: null };
    const ruleId = newId();
    // A refused one, after which what rules are decided on is known.
    await this.send('Admin', 'approvals.rule.set', { ruleId, ...rule, operation: 'accounting.nothing' });
    for (const given of [rule, { ...rule, approvers: 2 }])
      await this.send('Admin', 'approvals.rule.set', { ruleId, ...given });
    const [companyId, entryId] = ['companyId', 'entryId'].map((name) => this.world.pool[name]?.[0]);
    for (let time = 0; time < 2; time++) {
      const held = () => this.send('Accountant', 'accounting.entry.reverse', { companyId, entryId });
      const [first, second] = [await held(), await held()];
      await this.send('Admin', 'approvals.request.reject', { requestId: first['approvalRequest'], reason: 'Not so' });
      await this.send('Accountant', 'approvals.request.withdraw', { requestId: second['approvalRequest'] });
    }
    await this.send('Admin', 'approvals.rule.remove', { ruleId });
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
