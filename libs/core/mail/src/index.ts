export * from './folder.js';
export * from './open-mail.js';
export * from './outbox.entity.js';
export * from './outbox.js';
export * from './port.js';
export * from './smtp.js';
