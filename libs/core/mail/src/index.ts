export * from './folder.js';
export * from './open-mail.js';
export * from './port.js';
export * from './smtp.js';
