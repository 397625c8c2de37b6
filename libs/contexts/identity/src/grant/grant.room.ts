import { answer } from '@daybook/server';
import { accessRows } from '../access/access-rows.js';
import { holderNames } from '../access/names.js';
import { roleName } from '../role/role-permissions.js';
import type { IdentityParts, Room } from '../room.js';
import { decidedByTenant } from '../tenant/decided.js';
import { inFields } from './party.schema.js';
import { grantCommands, listGrants } from './grant.operations.js';

export const grantRoom = (parts: IdentityParts): Room => ({
  bindings: [
    decidedByTenant(parts, grantCommands),
    answer(listGrants, async ({ holderId, role, companyId }, read) => {
      const rows = await accessRows(read);
      const names = await holderNames(parts, read.tenant, rows.grants);
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
});
