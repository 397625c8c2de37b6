import { command, field, guarded, query, record } from '@daybook/kernel';
import * as z from 'zod';
import type { OperationMessage } from '../dispatch/message.js';
import type { FieldRules } from '../dispatch/restrict.js';
import { accessOfPerson, grantOf } from '../testing/access.js';
import { RowCaller } from './row-caller.js';

/* Members whose address has a guard of another name than their record, as the address of a person has one wherever it is shown. */
const member = record('desk.member', {
  one: 'member', many: 'members', icon: 'user', calledBy: 'name',
  fields: { name: field.text('Name'), email: field.email('E-mail', { optional: true }), city: field.text('City') },
}); // prettier-ignore
const address = guarded(z.string().nullable(), 'desk.person.email', 'E-mail address of a person');
const list = query('desk.member.list', {
  title: 'Members',
  http: 'GET /v1/desk/members',
  permission: 'desk.member.list',
  rows: 'items',
  input: z.object({}),
  output: z
    .object({ items: z.array(z.object({ id: z.string(), name: z.string(), email: address, city: z.string() })) })
    .meta({ id: 'DeskMembers' }),
});
const change = command('desk.member.change', {
  title: 'Change a member',
  http: 'POST /v1/desk/members/{id}',
  says: 'changed a member',
  // The command has another name for what the list calls `email`.
  input: z.object({ id: z.string(), city: z.string().optional(), newEmail: address.optional() }),
});
const target = { operation: change, kit: { record: member, does: 'change' as const, change, list } };

/** What a person whose role has this rule for addresses finds in the list. */
function known(by: string, rule: 'hide' | 'mask' | null) {
  const [tenant, actor] = ['tenant', { kind: 'person', id: 'kari' } as const];
  const job = { tenant, actor, correlationId: 'trace', signal: new AbortController().signal, input: { onBehalfOf: null, authenticatedAt: null } }; // prettier-ignore
  const settings = { operation: change.name, forAll: {}, file: null, items: null, where: {}, reason: null };
  const row = { id: 'a', name: 'Ada', email: rule === null ? 'ada@example.com' : null, city: 'Oslo' };
  const given = {
    store: { head: async () => 7n },
    queries: {
      execute: async ({ request }: OperationMessage) => {
        await request.eachPage?.([row], null);
        return { kind: 'answered', value: {} };
      },
    },
  } as unknown as ConstructorParameters<typeof RowCaller>[2];
  const fields: FieldRules = rule === null ? {} : { 'desk.person.email': rule };
  const grants = [grantOf(['desk.member.list'], { fields })];
  const caller = new RowCaller(job, { id: 'import', settings }, given);
  return caller.known(target, by, null, accessOfPerson(tenant, actor.id, [], { grants }));
}

describe('records that rows are matched with, as their person sees them', () => {
  it.each(['hide', 'mask'] as const)(
    'have no field that a role may %s, under whatever name its guard has',
    async (rule) => {
      const { hidden, records } = await known('id', rule);
      expect([...hidden].sort()).toEqual(['email', 'newEmail']);
      expect([...records.keys()]).toEqual(['a']);
      await expect(known('email', rule)).rejects.toMatchObject({ rejection: { code: 'platform.import-hidden' } });
    },
  );

  it('have all of them where no role hides any', async () => {
    expect((await known('email', null)).records.get('ada@example.com')).toHaveLength(1);
    expect((await known('id', null)).hidden.size).toBe(0);
  });
});
