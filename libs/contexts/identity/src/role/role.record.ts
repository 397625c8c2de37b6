import { field, oneLine, plainTextOrEmpty, record } from '@daybook/kernel';
import * as z from 'zod';
import { roleField, roleRef } from '../role.schema.js';

/** A role of the tenant: one of its own, or a built-in one, which no event changes. */
export const roleRecord = record('identity.role', {
  one: 'role',
  many: 'roles',
  icon: 'shield',
  key: 'R',
  calledBy: 'name',
  id: 'roleId',
  type: 'RoleSummary',
  fields: {
    roleId: field.own('code', 'Role', roleRef, { given: true }),
    name: field.own('text', 'Name', oneLine(60, 'Give the role a name.')),
    description: field.own('note', 'Description', plainTextOrEmpty(500), { default: '' }),
    permissions: field.own('list', 'Permissions', z.array(z.string().max(100)).max(500), {
      hint: 'Names of permissions, as GET /v1/identity/permissions lists them',
    }),
    fields: field.own('list', 'Hidden fields', z.array(roleField).max(100), {
      default: [],
      each: 'field',
      hint: 'Fields that the role hides or masks',
    }),
    builtIn: field.yesNo('Built in', { given: true, default: false }),
    holders: field.whole('Given', { computed: true, hint: 'Number of grants of this role that are not revoked' }),
  },
});
