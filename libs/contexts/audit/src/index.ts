/* The published face of the audit trail: its operations. Browser-safe. */
export * from './trail/trail.operations.js';
