/* The published face of the audit trail: its operations. Browser-safe. */
import { face } from '@daybook/kernel';

/** The trail is shown beside every record, and has no page of its own. */
export const audit = face('audit', {
  title: 'Audit trail',
  icon: 'scroll-text',
  administers: true,
  roles: { Admin: ['audit.*'], Accountant: ['audit.*.read'], Auditor: ['audit.*.read'] },
});
export * from './trail/trail.operations.js';
