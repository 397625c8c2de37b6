export * from './projection.js';
export * from './read.js';
export * from './table.js';
