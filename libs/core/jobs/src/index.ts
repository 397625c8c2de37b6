export { jobEntities } from './job.entity.js';
export * from './migrations.js';
export * from './pg-boss.js';
export * from './port.js';
export { deleteEndedJobs, claimUpkeep } from './retention.js';
