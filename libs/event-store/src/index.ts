export * from './catalogue.js';
export * from './port.js';
