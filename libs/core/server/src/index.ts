/*
 * What contexts import. Everything that needs Nest (api, projector, modules, providers) is imported by path, so that the
 * specs of a context do not load Nest.
 */
export * from './config.js';
export * from './context.js';
export * from './crypto.js';
export * from './dispatch/access.js';
export { networkOf } from './dispatch/limits.js';
export { isBehind, orderBy, type Sort, textOf } from './query/keyset.js';
export { oncePerQuery } from './query/reads.js';
export { taggedAs } from './query/tagged.js';
export * from './dispatch/request.js';
export * from './dispatch/restrict.js';
export * from './dispatch/rights.js';
export * from './facts.js';
export * from './hold/granting.js';
export { numberOf } from './hold/numbers.js';
export { uniqueField, type UniqueField, type UniqueValue } from './hold/unique-field.js';
export type { Citation, FileCitations } from './files/readable-files.js';
export * from './nest/tokens.js';
export * from './personal-data.js';
export * from './problem.js';
export * from './record-context.js';
export * from './rest/file-permissions.js';
export * from './state/state-cache.js';
