import { isRejection, type OutputOf, reject, type Rejection } from '@daybook/kernel';
import type { PersonalSection, QueryContext, Subject } from '@daybook/server';
import { tenantTable } from '../access/access.projection.js';
import type { Deps } from '../injected.js';
import type { exportPerson } from './privacy.operations.js';
import { rejectUnknown, namesOf, aliasesOf } from './tenant-memberships.js';

type PersonData = OutputOf<typeof exportPerson>;

/** Everything that all contexts keep about a person, as one document with a plain-text version. */
export async function exportOf(
  deps: Deps<'events' | 'tenantStates' | 'personalData'>,
  { personId, own }: Pick<Subject, 'personId' | 'own'>,
  read: QueryContext,
): Promise<PersonData | Rejection> {
  const { tenant, caller } = read;
  const unknown = await rejectUnknown(deps, tenant, personId);
  if (isRejection(unknown)) return unknown;
  if (Object.keys(caller.fields ?? {}).length > 0) {
    return reject(
      'identity.export-restricted',
      'Your role hides fields of people, so you cannot export all data of a person. Ask for a role without hidden fields.',
      {
        status: 403,
      },
    );
  }
  const known = await aliasesOf(deps, tenant, personId);
  const emails = own ? (await namesOf(deps, personId)).emails : known.emails;
  const subject: Subject = { tenant, personId, emails, aliases: known.invitations, own };
  const sections: PersonalSection[] = [];
  for (const { collect } of deps.personalData.all) {
    for (const section of await collect(subject, read)) sections.push(section);
  }
  const row = await read.db.selectFrom(read.rows(tenantTable).as('t')).select('t.name').executeTakeFirst();
  const made = { personId, tenant: { id: tenant, name: row?.name ?? '' }, madeAt: new Date().toISOString() };
  const plain = sections.map(({ name, title, items }) => ({ name, title, items: items.map((item) => ({ ...item })) }));
  return { ...made, sections: plain, text: written(made, plain) };
}

/** The plain-text version: one line per item, in the order of the document. */
function written({ tenant, madeAt }: Pick<PersonData, 'tenant' | 'madeAt'>, sections: PersonData['sections']): string {
  const lines = [`What Daybook keeps about this person in ${tenant.name}`, `Made on ${madeAt}`];
  for (const { title, items } of sections) {
    lines.push('', title, '-'.repeat(title.length));
    if (items.length === 0) lines.push('Nothing.');
    for (const item of items) {
      const facts = Object.entries(item).filter(([, value]) => value !== null && value !== undefined);
      lines.push(facts.map(([name, value]) => `${words(name)}: ${plainly(value)}`).join('; '));
    }
  }
  return `${lines.join('\n')}\n`;
}

/** `lastSeenAt` is "last seen at". */
const words = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
const plainly = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
