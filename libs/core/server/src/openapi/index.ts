export { serveOpenApi } from './docs.js';
export { openApiDocument } from './document.js';
