import { camelName, type Operation, version as daybookVersion } from '@daybook/kernel';
import { Components, type OpenApi } from './components.js';
import { type JsonSchema, withoutNull } from './json-schema.js';
import { otherPaths, otherTags } from './other-paths.js';
import { problemRef, problemResponses, problemSchema, problemStatuses } from './problems.js';

/*
 * OpenAPI 3.1, generated from the operations. Fields in the path are path parameters; the other fields are query parameters
 * of a GET or DELETE, and the JSON body of all others.
 */
const ref = (kind: string, name: string): OpenApi => ({ $ref: `#/components/${kind}/${name}` });

const fieldsInPath = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => String(name));

function parameter(place: 'path' | 'query', name: string, field: JsonSchema, required: boolean): OpenApi {
  const { description, ...schema } = field;
  return {
    name,
    in: place,
    ...(description === undefined ? {} : { description }),
    ...(required ? { required } : {}),
    ...(withoutNull(field).schema.type === 'array' ? { style: 'form', explode: true } : {}),
    schema,
  };
}

function headersOf(operation: Operation): OpenApi[] {
  if (operation.kind === 'query') {
    const known = [...(operation.currentOnly ? [] : ['KnownAt']), ...(hasTag(operation) ? ['IfNoneMatch'] : [])];
    return ['MinPosition', ...known].map((name) => ref('parameters', name));
  }
  return [
    ...(operation.acceptsIdempotencyKey ? [ref('parameters', 'IdempotencyKey')] : []),
    ...(operation.ifMatch === 'none'
      ? []
      : [ref('parameters', operation.ifMatch === 'required' ? 'IfMatchRequired' : 'IfMatch')]),
    ref('parameters', 'Reason'),
  ];
}

/** Reports always, others as of a moment. */
const hasTag = (operation: Operation): boolean =>
  operation.kind === 'query' && !operation.currentOnly && operation.http.startsWith('GET ');

const csvDescription =
  'The rows as CSV (RFC 4180). `text/csv; form=excel` has a byte order mark, semicolons and decimal commas.';

function successOf(operation: Operation, output: JsonSchema, components: Components): OpenApi {
  const named = output.$ref?.split('/').at(-1);
  const shape = named === undefined ? output : components.schemas[named];
  const rows = operation.kind === 'query' && operation.rows !== null;
  return {
    description: 'Done',
    ...(shape?.properties?.['version']
      ? { headers: { ETag: ref('headers', 'ETag') } }
      : hasTag(operation)
        ? { headers: { ETag: ref('headers', 'AnswerTag') } }
        : {}),
    content: {
      'application/json': { schema: output },
      ...(rows ? { 'text/csv': { schema: { type: 'string', description: csvDescription } } } : {}),
    },
  };
}

function pathItemOf(operation: Operation, components: Components): [path: string, method: string, item: OpenApi] {
  const [method = '', path = ''] = operation.http.split(' ');
  const { input, output } = components.of(operation);
  const inPath = fieldsInPath(path);
  const properties = input.properties ?? {};
  const required = new Set(input.required ?? []);
  const others = Object.entries(properties).filter(([name]) => !inPath.includes(name));
  const asQuery = method === 'GET' || method === 'DELETE';
  const bodyRequired = others.filter(([name]) => required.has(name)).map(([name]) => name);
  const parameters = [
    ...inPath.map((name) => {
      const field = properties[name];
      if (!field) throw new Error(`${operation.name} has no field ${name} of its path`);
      return parameter('path', name, field, true);
    }),
    ...(asQuery ? others.map(([name, field]) => parameter('query', name, field, required.has(name))) : []),
    ...headersOf(operation),
  ];
  const bodySchema = {
    type: 'object',
    properties: Object.fromEntries(others),
    ...(bodyRequired.length > 0 ? { required: bodyRequired } : {}),
  };
  const item = {
    operationId: camelName(operation.name),
    summary: operation.title,
    ...(operation.description === '' ? {} : { description: operation.description }),
    tags: [operation.name.split('.')[0]],
    ...(operation.permission === null ? { security: [] } : { 'x-permission': operation.permission }),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(asQuery || others.length === 0
      ? {}
      : {
          requestBody: { required: bodyRequired.length > 0, content: { 'application/json': { schema: bodySchema } } },
        }),
    responses: {
      200: successOf(operation, output, components),
      ...(hasTag(operation) ? { 304: { description: 'What If-None-Match names is still so' } } : {}),
      ...(operation.kind === 'command' && operation.approvable !== null
        ? { 202: { ...successOf(operation, output, components), description: 'Waits for approval' } }
        : {}),
      ...Object.fromEntries(problemStatuses(operation).map((status) => [status, problemRef(status)])),
    },
  };
  return [path, method.toLowerCase(), item];
}

const header = (name: string, description: string, schema: OpenApi, required = false): OpenApi => ({
  name,
  in: 'header',
  description,
  ...(required ? { required } : {}),
  schema,
});
const version = { type: 'string', pattern: '^"(0|[1-9]\\d{0,8})"$', examples: ['"3"'] };
const ifMatch = 'The ETag of the record as last seen; another version is rejected with 412.';

const parameters: OpenApi = {
  IdempotencyKey: header(
    'Idempotency-Key',
    'The same key and input return the first result again; another input with the same key is 422.',
    { type: 'string', pattern: '^[\\x21-\\x7e]{1,200}$' },
  ),
  IfMatch: header('If-Match', ifMatch, version),
  IfMatchRequired: header('If-Match', ifMatch, version, true),
  IfNoneMatch: header(
    'If-None-Match',
    'ETags of answers that you have; 304 if one of them is what would be answered.',
    {
      type: 'string',
      examples: ['W/"m0q5Vn0dLkq2bXw3rC8sTfA"'],
    },
  ),
  Reason: header(
    'X-Daybook-Reason',
    'The reason, for the audit trail; URI-encoded, at most 500 characters when decoded.',
    {
      type: 'string',
      maxLength: 500,
    },
  ),
  MinPosition: {
    name: 'min-position',
    in: 'query',
    description: 'The `position` a command answered: waits until reads have reached it, at most 2 s, else 503.',
    schema: { type: 'string', pattern: '^\\d{1,19}$' },
  },
  KnownAt: {
    name: 'known-at',
    in: 'query',
    description: 'As known at an earlier moment: an RFC 3339 instant, a trail number, or `position:<n>`.',
    schema: { type: 'string', examples: ['2026-04-10T12:00:00Z', '1841', 'position:2210'] },
  },
};

/** `contexts`: name and title of each context, for the tags. */
export function openApiDocument(
  operations: readonly Operation[],
  contexts: readonly { readonly name: string; readonly title: string }[],
): OpenApi {
  const components = new Components(operations);
  const paths: Record<string, Record<string, OpenApi>> = {};
  for (const operation of operations) {
    const [path, method, item] = pathItemOf(operation, components);
    const known = (paths[path] ??= {});
    if (known[method]) throw new Error(`Two operations have the route ${operation.http}`);
    known[method] = item;
  }
  const tags = new Map(contexts.map(({ name, title }) => [name, { name, description: title }]));
  const used = new Set(operations.map((operation) => operation.name.split('.')[0] ?? ''));
  for (const name of used) if (!tags.has(name)) tags.set(name, { name, description: name });
  return {
    openapi: '3.1.1',
    info: {
      title: 'Daybook',
      version: daybookVersion,
      description:
        'Every operation of Daybook over REST. The same operations are fields of POST /graphql. Amounts are exact decimals as text. v1 only ever gains fields and operations.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ accessToken: [] }],
    tags: [...[...tags.values()].filter(({ name }) => used.has(name)), ...otherTags],
    paths: { ...paths, ...otherPaths },
    components: {
      securitySchemes: {
        accessToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'From POST /v1/identity/session; valid for 10 minutes, renewed by POST /v1/identity/session/refresh.',
        },
      },
      headers: {
        ETag: { description: 'The version of the record, for If-Match', required: true, schema: version },
        AnswerTag: {
          description: 'For If-None-Match: of reports, and of any read with known-at. Never a version.',
          schema: { type: 'string', pattern: '^W/"[\\w-]+"$' },
        },
      },
      parameters,
      responses: problemResponses(),
      schemas: { ...components.schemas, Problem: problemSchema },
    },
  };
}
