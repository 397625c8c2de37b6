/* The published face of the audit trail: its operations. Browser-safe. */
import { face } from '@daybook/kernel';

/** The trail is shown beside every record, and has no page of its own. */
export const audit = face('audit', { title: 'Audit trail', icon: 'scroll-text', administers: true });
export * from './trail/trail.operations.js';
