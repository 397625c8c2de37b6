export * from './context.js';
export * from './dispatch/access.js';
export * from './dispatch/dispatcher.js';
export * from './dispatch/request.js';
export * from './suite.js';
