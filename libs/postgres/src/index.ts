export * from './embedded.js';
export * from './in-tenant.js';
export * from './migrate.js';
export * from './orm.js';
export { isOutage } from './outage.js';
export * from './pool.js';
export * from './roles.js';
export * from './room.js';
export { DatabaseStartError, type DatabaseStartCode } from './start-error.js';
