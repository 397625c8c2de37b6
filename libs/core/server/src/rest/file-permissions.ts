/** Permissions of routes that are no operations; roles list them beside those of operations. */
export const filePermissions = { upload: 'files.file.upload', read: 'files.file.read' } as const;
