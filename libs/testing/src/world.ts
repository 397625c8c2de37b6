import type { Operation } from '@daybook/kernel';
import { routeOf } from '@daybook/server/rest/operation-controller';
import type { TestApp, TestClient, TestRole, TestTenant } from './app.js';
import { testVendor } from './app.js';
import { threadIdOf } from '@daybook/collaboration';
import { guardedTexts, idNameOf, isCreate, poolName, sampleOf } from './record-samples.js';

/*
 * Two tenants with a record of every kind, every free text of which holds the tenant's mark: a row of one tenant in an
 * answer to the other is found by its words or its ids. Ids are harvested from the lists that the tenant's own people see.
 */
export const testRoles: readonly TestRole[] = ['Admin', 'Accountant', 'Staff', 'Auditor', 'Vendor'];
export const otherTenant: Readonly<Record<TestTenant, TestTenant>> = { north: 'south', south: 'north' };

export interface World {
  readonly tenant: TestTenant;
  /** In every text of this tenant, and in no text of the other one. */
  readonly mark: string;
  /** Values of guarded fields: what a role may be kept from seeing. */
  readonly guarded: readonly string[];
  /** Ids by the name of the field that takes them: `companyId`, `entryId`, … */
  readonly pool: Readonly<Record<string, readonly string[]>>;
  /** Operations that a record was made with, and those that refused; for the spec to show. */
  readonly refused: readonly string[];
}

export const markOf = (tenant: TestTenant): string => `${tenant}-only`;

type Json = Record<string, unknown>;

export async function makeWorld(app: TestApp, tenant: TestTenant): Promise<World> {
  const mark = markOf(tenant);
  const refused: string[] = [];
  const pool: Record<string, Set<string>> = {};
  const keep = (name: string, value: unknown) => {
    if (typeof value === 'string' && value !== '') (pool[name] ??= new Set()).add(value);
  };
  const operations = new Map(app.api.bindings.operations.map((operation) => [operation.name, operation]));
  const [admin, books] = [await app.client('Admin', tenant), await app.client('Accountant', tenant)];

  /** Runs an operation where it is bound, and keeps the id it answers. */
  const make = async (client: TestClient, name: string, input: Json, idName: string | null = null): Promise<Json> => {
    const operation = operations.get(name);
    if (!operation) return {};
    const { status, body } = await send(client, operation, input);
    if (status > 202) refused.push(`${tenant} ${name}: ${status} ${JSON.stringify(body)}`);
    if (idName !== null) keep(idName, body[idName] ?? body['id']);
    return body;
  };

  const custom = { recordType: 'accounting.account', key: 'region', label: `Field ${mark}`, kind: 'text' };
  await make(admin, 'customization.custom-field.create', custom, 'customFieldId');
  // What the contexts say in their faces.
  const given: Readonly<Record<string, string>> = { supplier: testVendor.party };
  const known = (name: string) => given[name] ?? [...(pool[name] ?? [])][0] ?? '';
  const guarded: string[] = [];
  for (const one of app.api.bindings.contexts.flatMap(({ samples }) => samples)) {
    const { operation, by, input, keeps, guarded: texts } = one;
    await make(await app.client(by, tenant), operation.name, input({ mark, known }), keeps ?? null);
    guarded.push(...(texts?.({ mark, known }) ?? []));
  }
  const companyId = known('companyId') || undefined;
  await make(books, 'accounting.account.change', { companyId, number: '1920', custom: { region: `Region ${mark}` } });
  const file = await books.upload(`file-${mark}.txt`, `content ${mark}`);
  keep('sha256', file.sha256);

  const me = async (role: TestRole): Promise<string> => {
    const { body } = await (await app.client(role, tenant)).get('/v1/identity/session');
    const id = String((body as { person: { id: string } }).person.id);
    keep('personId', id);
    return id;
  };
  const people: Partial<Record<TestRole, string>> = {};
  for (const role of testRoles) people[role] = await me(role);
  const { partyType, party } = testVendor;
  const vendor = { holder: 'person', holderId: people.Vendor, role: 'Vendor', companyId, partyType, party };
  await make(admin, 'identity.grant.give', vendor, 'grantId');
  const role = {
    name: `Role ${mark}`,
    description: `Role ${mark}`,
    permissions: ['accounting.account.read'],
    fields: [],
  };
  await make(admin, 'identity.role.define', role, 'roleId');
  await make(
    admin,
    'identity.service.create',
    { name: `Service ${mark}`, description: `Service ${mark}` },
    'serviceId',
  );
  await make(admin, 'identity.invitation.send', { email: `guest@${mark}.example`, role: 'Auditor' }, 'invitationId');
  await make(admin, 'identity.review.start', { name: `Review ${mark}`, dueOn: '2027-12-31' }, 'reviewId');
  const consent = { email: `admin@${tenant}.example`, hours: 1, reason: `Help ${mark}` };
  await make(books, 'identity.delegated-access.allow', consent, 'delegatedAccessId');
  await app.settle();
  // Of the tenant: a sample names no company where it may leave it out.
  const member = { recordType: 'identity.member', recordId: String(people.Accountant) };
  keep('recordType', member.recordType);
  keep('recordId', member.recordId);
  const comment = { ...member, text: `Comment ${mark}` };
  await make(admin, 'collaboration.comment.write', comment, 'commentId');
  keep('threadId', threadIdOf(member));
  await make(admin, 'collaboration.task.set', { ...member, title: `Task ${mark}`, dueOn: '2099-12-31' }, 'taskId');
  const attached = await admin.upload(`attached-${mark}.txt`, `attached ${mark}`);
  await make(admin, 'collaboration.attachment.attach', { ...member, sha256: attached.sha256 }, 'attachmentId');
  // What contexts made with the kit hold: a record of each type, after those that it names.
  const records = app.api.bindings.operations.filter(isCreate);
  for (let round = 0; round < records.length; round++) {
    for (const operation of records.filter(({ name }) => pool[idNameOf(name)] === undefined)) {
      const input = sampleOf(operation, mark, pool);
      if (input === null) continue;
      keep('id', (await make(admin, operation.name, input, idNameOf(operation.name)))['id']);
      guarded.push(...guardedTexts(operation, input));
    }
  }
  await app.settle();

  await harvest(app, [admin, await app.client('Auditor', tenant)], keep);
  // What a person may say in a path without having seen it in a list.
  for (const [name, value] of Object.entries({
    number: '1920',
    account: '1920',
    code: 'GL',
    journal: 'GL',
    name: 'entries',
  })) {
    pool[name] = new Set([value]);
  }
  return {
    tenant,
    mark,
    guarded: [
      ...guarded,
      `Comment ${mark}`,
      `Task ${mark}`,
      `attached-${mark}`,
      ...testRoles.map((role) => app.account(role, tenant).email),
      `guest@${mark}.example`,
    ],
    pool: Object.fromEntries(Object.entries(pool).map(([name, values]) => [name, [...values]])),
    refused,
  };
}

/** Sends an operation over REST with its input, whatever comes back. */
export async function send(client: TestClient, operation: Operation, input: Json) {
  const { method, path } = routeOf(operation);
  const rest = { ...input };
  const address = path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = String(rest[name]);
    delete rest[name];
    return encodeURIComponent(value);
  });
  const answer =
    method === 'GET'
      ? await client.get(address).query(rest)
      : await client[method.toLowerCase() as 'post' | 'put' | 'patch'](address, rest);
  return { status: answer.status, body: (answer.body ?? {}) as Json, text: answer.text };
}

/** Asks every list, in rounds: what one list answers fills the path of the next. */
async function harvest(app: TestApp, clients: readonly TestClient[], keep: (name: string, value: unknown) => void) {
  const known: Record<string, string> = {};
  const remember = (name: string, value: unknown) => {
    keep(name, value);
    if (typeof value === 'string') known[name] ??= value;
  };
  const asked = new Set<string>();
  for (let round = 0; round < 3; round++) {
    for (const operation of app.api.bindings.operations) {
      const { method, path } = routeOf(operation);
      const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => String(name));
      const idOf = (name: string) => known[poolName(operation, name)];
      if (method !== 'GET' || asked.has(operation.name) || !names.every(idOf)) continue;
      asked.add(operation.name);
      for (const client of clients) {
        const { body } = await send(client, operation, Object.fromEntries(names.map((name) => [name, idOf(name)])));
        collect(body, idNameOf(operation.name), remember);
      }
    }
  }
}

const uuid = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

function collect(value: unknown, idName: string, remember: (name: string, value: unknown) => void): void {
  if (Array.isArray(value)) for (const item of value) collect(item, idName, remember);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    if (typeof inner === 'string' && uuid.test(inner)) {
      if (name === 'id') remember(idName, inner);
      else if (name.endsWith('Id')) remember(name, inner);
    } else collect(inner, idName, remember);
  }
}
