import { type ReadContext, type RowOf, inOneTrip } from '@daybook/projections';
import { sql } from 'kysely';
import type { RightsState } from '../segregation-of-duties/sod-violations.js';
import { sodRuleTable, grantTable, memberTable, roleTable } from './access.projection.js';

export type GrantRead = RowOf<typeof grantTable>;
export type MemberRead = RowOf<typeof memberTable>;

/** The rights of a tenant from the read model: now, or as known at an earlier moment. */
export interface AccessRows extends RightsState {
  readonly members: readonly MemberRead[];
  readonly grants: ReadonlyMap<string, GrantRead>;
}

export async function accessRows(read: ReadContext): Promise<AccessRows> {
  const { db } = read;
  const [members, grants, roles, sodRules] = await inOneTrip(
    db,
    db.selectFrom(read.rows(memberTable).as('m')).selectAll('m').orderBy('m.personId'),
    db.selectFrom(read.rows(grantTable).as('g')).selectAll('g').orderBy('g.givenAt').orderBy('g.grantId'),
    db.selectFrom(read.rows(roleTable).as('r')).selectAll('r').orderBy('r.name'),
    db.selectFrom(read.rows(sodRuleTable).as('c')).selectAll('c').orderBy('c.ruleId'),
  );
  return {
    members,
    grants: new Map(grants.map((grant) => [grant.grantId, grant])),
    roles: new Map(roles.map((role) => [role.roleId, role])),
    sodRules: new Map(
      sodRules.map(({ removed, version, ruleId, first, second, risk, mitigation, onDocument }) => [
        ruleId,
        { rule: removed ? null : { ruleId, first, second, risk, mitigation, onDocument }, version },
      ]),
    ),
  };
}

/** Members with the grants that they hold, and the names of the roles in these; all, or one. */
export async function memberRows(read: ReadContext, personId: string | null = null) {
  const [members, grants] = await inOneTrip(
    read.db,
    read.db
      .selectFrom(read.rows(memberTable).as('m'))
      .selectAll('m')
      .$if(personId !== null, (one) => one.where('m.personId', '=', personId))
      .orderBy('m.personId'),
    read.db
      .selectFrom(read.rows(grantTable).as('g'))
      .leftJoin(read.rows(roleTable).as('r'), (join) => join.on(sql<boolean>`r."roleId"::text = g.role`))
      .selectAll('g')
      .select('r.name as roleName')
      .where('g.holder', '=', 'person')
      .$if(personId !== null, (one) => one.where('g.holderId', '=', personId))
      .orderBy('g.givenAt')
      .orderBy('g.grantId'),
  );
  return { members, grants };
}
export type MemberRows = Awaited<ReturnType<typeof memberRows>>;

/** The day on which grants must be in force: that of the moment being read, or today. */
export const dayOf = ({ stamp }: ReadContext, past: boolean): string =>
  (past ? stamp.recordedAt : null)?.slice(0, 10) ?? new Date().toISOString().slice(0, 10);
