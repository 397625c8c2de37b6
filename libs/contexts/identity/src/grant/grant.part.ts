import { answer, type ContextPart } from '@daybook/server';
import { accessRows } from '../access/access-rows.js';
import { holderNames } from '../access/holder-names.js';
import { roleName } from '../role/role-permissions.js';
import { deps } from '../injected.js';
import { decidedByTenant } from '../tenant/decided.js';
import { inFields } from './party.schema.js';
import { grantCommands, listGrants } from './grant.operations.js';

export const grantPart: ContextPart = {
  bindings: [
    decidedByTenant(grantCommands),
    answer(listGrants, deps('memberships', 'tenantStates'), async ({ holderId, role, companyId }, read, given) => {
      const rows = await accessRows(read);
      const names = await holderNames(given, read, rows.grants.values());
      const wanted = [...rows.grants.values()].filter(
        (grant) =>
          (holderId === undefined || grant.holderId === holderId) &&
          (role === undefined || grant.role === role) &&
          (companyId === undefined || grant.companyId === null || grant.companyId === companyId),
      );
      return {
        items: wanted.map(
          ({ grantId, holder, companyId: where, party, until, mitigation, givenAt, givenBy, ...of }) => ({
            grantId,
            holder,
            holderId: of.holderId,
            holderName: names.get(of.holderId) ?? null,
            role: of.role,
            roleName: roleName(of.role, rows),
            companyId: where,
            ...inFields(party),
            until,
            mitigation,
            givenAt,
            givenBy,
          }),
        ),
      };
    }),
  ],
};
