import { anyOf, inOneTrip, type ReadContext, type RowOf } from '@daybook/projections';
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
    db.selectFrom(read.rows(roleTable).as('r')).selectAll('r').where('r.builtIn', '=', false),
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

/** The grants that these members hold, and the names of the roles in them. */
export const memberGrants = (read: ReadContext, ids: readonly string[]) =>
  read.db
    .selectFrom(read.rows(grantTable).as('g'))
    .leftJoin(read.rows(roleTable).as('r'), (join) => join.on(sql<boolean>`r."roleId" = g.role collate "C"`))
    .selectAll('g')
    .select('r.name as roleName')
    .where('g.holder', '=', 'person')
    .where('g.holderId', '=', anyOf(ids))
    .orderBy('g.givenAt')
    .orderBy('g.grantId');

/** The day on which grants must be in force: that of the moment being read, or today. */
export const dayOf = ({ stamp }: ReadContext, past: boolean): string =>
  (past ? stamp.recordedAt : null)?.slice(0, 10) ?? new Date().toISOString().slice(0, 10);
