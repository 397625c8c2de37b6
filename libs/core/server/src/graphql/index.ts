export { serveGraphiql } from './graphiql.js';
export { graphqlLimits } from './limits.js';
export { type GraphqlOptions, graphqlOptions } from './options.js';
export { graphqlSchema } from './schema.js';
