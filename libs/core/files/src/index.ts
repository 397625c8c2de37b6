export * from './disk.js';
export { fileEntities } from './file.entity.js';
export * from './migrations.js';
export * from './port.js';
export {
  deleteLeftovers,
  deleteUnusedFiles,
  type FileRetention,
  restartRetention,
  tenantsWithFiles,
} from './retention.js';
