export * from './disk.js';
export * from './migrations.js';
export * from './port.js';
