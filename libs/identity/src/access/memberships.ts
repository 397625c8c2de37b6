import type { ReadContext } from '@daybook/projections';
import type { Resources } from '@daybook/server';
import { platformTenant } from '../person/person.events.js';
import { joinedTable, personTable } from '../person/people.projection.js';
import type { Role } from '../role.schema.js';
import { membershipTable, tenantTable } from './access.projection.js';

export interface Membership {
  readonly tenant: { readonly id: string; readonly name: string };
  readonly role: Role;
}
export interface PersonRow {
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
}

/** The role of a person in the tenant that is read; null for a stranger. */
export async function roleIn(read: ReadContext, personId: string): Promise<Role | null> {
  const row = await read.db
    .selectFrom(read.rows(membershipTable).as('m'))
    .select('m.role')
    .where('m.personId', '=', personId)
    .executeTakeFirst();
  return row?.role ?? null;
}

export const members = (read: ReadContext) =>
  read.db
    .selectFrom(read.rows(membershipTable).as('m'))
    .select(['m.personId', 'm.role'])
    .orderBy('m.personId')
    .execute();

/** Reads that cross tenants, one tenant at a time: each in its own transaction, under its own row-level security. */
export class Memberships {
  constructor(private readonly read: Resources['read']) {}

  /** Persons by id; those not known are left out. */
  async people(ids: readonly string[]): Promise<PersonRow[]> {
    if (ids.length === 0) return [];
    return this.read(platformTenant, (read) =>
      read.db
        .selectFrom(read.rows(personTable).as('p'))
        .select(['p.personId as id', 'p.name', 'p.email'])
        .where('p.personId', 'in', [...ids])
        .execute(),
    );
  }

  /** Where the person may sign in, by name of the tenant. */
  async of(personId: string): Promise<Membership[]> {
    const joined = await this.read(platformTenant, (read) =>
      read.db
        .selectFrom(read.rows(joinedTable).as('j'))
        .select('j.tenantId')
        .where('j.personId', '=', personId)
        .execute(),
    );
    const found: Membership[] = [];
    for (const { tenantId } of joined) {
      const membership = await this.read(tenantId, (read) => membershipIn(read, tenantId, personId));
      if (membership) found.push(membership);
    }
    return found.sort((a, b) => (a.tenant.name < b.tenant.name ? -1 : 1));
  }
}

async function membershipIn(read: ReadContext, tenantId: string, personId: string): Promise<Membership | null> {
  const role = await roleIn(read, personId);
  const tenant = await read.db.selectFrom(read.rows(tenantTable).as('t')).select('t.name').executeTakeFirst();
  return role && tenant ? { role, tenant: { id: tenantId, name: tenant.name } } : null;
}
