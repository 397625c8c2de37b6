import type { RolePatterns } from '@daybook/kernel';

/** Permissions of routes that are not operations; roles can have them like those of operations. */
export const filePermissions = { upload: 'files.file.upload', read: 'files.file.read' } as const;
export const fileRoles: RolePatterns<'files'> = {
  Admin: ['files.*'],
  Accountant: ['files.*'],
  Staff: [filePermissions.read],
  Auditor: ['files.*.read'],
};
