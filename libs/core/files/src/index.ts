export * from './disk.js';
export { fileEntities } from './file.entity.js';
export * from './migrations.js';
export * from './port.js';
export { dropUnusedFiles, type FileRetention, keepAllFiles } from './retention.js';
