export { ApiWorker } from './api-worker.js';
export { jobEntities } from './job.entity.js';
export * from './migrations.js';
export * from './pg-boss.js';
export * from './port.js';
export { deleteEndedJobs, tenantsWithJobs } from './retention.js';
export { type Schedule, schedule } from './schedule.js';
