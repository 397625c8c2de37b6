export * from './disk.js';
export * from './migrations.js';
export * from './port.js';
export { dropUnusedFiles, type FileRetention, keepAllFiles } from './retention.js';
