export * from './disk.js';
export { fileEntities } from './file.entity.js';
export * from './migrations.js';
export * from './port.js';
export { deleteUnusedFiles, type FileRetention, restartRetention } from './retention.js';
