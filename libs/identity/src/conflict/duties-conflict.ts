import { reject, type Rejection } from '@daybook/kernel';
import { roleName, type Roles } from '../role/role-permissions.js';
import type { Violation } from './violations.js';

/** Says which rule, through which two grants, and whether a word on what makes up for it would do. */
export function dutiesConflict({ rule, first, second }: Violation, view: Roles): Rejection {
  const [one, other] = [roleName(first.role, view), roleName(second.role, view)];
  const roles = first.grantId === second.grantId ? `The role ${one} alone gives` : `The roles ${one} and ${other} give`;
  const way =
    rule.mitigation === null
      ? 'Give one of them to somebody else.'
      : `Give one of them to somebody else, or say in mitigation what makes up for it: ${rule.mitigation}`;
  return reject('identity.duties-conflict', `${roles} both ${rule.first} and ${rule.second}. ${rule.risk} ${way}`, {
    details: {
      conflictId: rule.conflictId,
      risk: rule.risk,
      first: { permission: rule.first, grantId: first.grantId, role: first.role },
      second: { permission: rule.second, grantId: second.grantId, role: second.role },
      mitigable: rule.mitigation !== null,
    },
  });
}
