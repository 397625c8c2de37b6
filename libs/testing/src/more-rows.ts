import { type CommandOperation, newId } from '@daybook/kernel';
import type { Caller } from '@daybook/server';
import type { TestApp } from './app.js';
import { accountOf } from './people.js';

/*
 * Rows of those lists that the counted requests add none to. Each call adds at least one to every one of them, so that the same list
 * is asked with two counts. Answers what names a record by the list of its parts.
 */
type Json = Record<string, unknown>;

export async function addRows(app: TestApp, time: number): Promise<Record<string, Json>> {
  const admin = await app.client('Admin');
  const books = await app.client('Accountant');
  const done = async (asked: PromiseLike<{ status: number; text: string; body: unknown }>): Promise<Json> => {
    const { status, text, body } = await asked;
    if (status > 202) throw new Error(`A row could not be added: ${status} ${text}`);
    return body as Json;
  };
  const holderId = await addMember(app, time);
  const { email, password, tenantId } = app.account('Admin');
  await done(app.anonymous.post('/v1/identity/session').send({ email, password, tenant: tenantId }));
  const provider = { label: `Provider ${time}`, issuer: `https://sso${time}.example`, clientId: 'daybook' };
  await byTheProduct(app, 'identity.sso-provider.record', { providerId: newId(), ...provider, domains: [], emailClaim: 'email', trustsAddresses: false, version: 0 }); // prettier-ignore
  const me = (await done(admin.get('/v1/identity/session')))['person'] as { id: string };
  const member = { recordType: 'identity.member', recordId: me.id };
  await done(books.post('/v1/collaboration/comments', { ...member, text: `Look here, <@${me.id}>: ${time}` }));
  const { sha256 } = await books.upload(`import-${time}.xml`, `No SAF-T ${time}`);
  await done(books.post('/v1/accounting/imports', { sha256, name: `import-${time}.xml` }));
  // All tags.
  const bulk = { operation: 'collaboration.tag.retire' };
  const { id: importId } = await done(admin.post('/v1/platform/bulk', bulk));
  // One person with both halves of what takes two: a violation, with what is done about it.
  const both = { first: 'accounting.entry.hold', second: 'identity.invitation.send', risk: 'Both hands' };
  // A rule that somebody violates already is refused.
  if (time === 0) await done(admin.put('/v1/identity/sod-rules/both', { ...both, mitigation: 'Checked monthly' }));
  const inviter = { name: `Inviter ${time}`, permissions: [both.second] };
  const { id: role } = await done(admin.post('/v1/identity/roles', inviter));
  await done(admin.post('/v1/identity/grants', { holderId, role, mitigation: 'Checked by the auditor' }));
  const rule = { operation: 'accounting.entry.reverse', above: null, role: null, approvers: 1, approverRole: null };
  await done(admin.put(`/v1/approvals/rules/${newId()}`, rule));
  await app.settle();
  return { 'platform.import-row.list': { importId } };
}

/** A member, with a grant. */
async function addMember({ api }: TestApp, time: number): Promise<string> {
  const account = { ...accountOf('Accountant', 'north'), email: `more${time}@north.example`, name: `More ${time}` };
  const memberships = [{ tenant: account.tenantId, role: 'Accountant' as const }];
  const { people } = await api.identitySetUp.run({ tenants: [], people: [{ ...account, memberships }] });
  return people[0]!.id;
}

/** A step that no route leads to. */
async function byTheProduct({ api, account }: TestApp, name: string, input: Json): Promise<void> {
  const caller: Caller = {
    tenant: account('Admin').tenantId,
    actor: { kind: 'system', id: 'more-rows' },
    channel: 'system',
    reason: null,
    correlationId: newId(),
    address: null,
  };
  await api.jobCommands.execute(api.jobCommands.operation(name) as CommandOperation, input, caller, newId());
}
