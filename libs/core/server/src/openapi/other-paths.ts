import type { OpenApi } from './components.js';
import { problemRef } from './problems.js';

/* The few routes that are not operations: they transfer bytes and streams instead of JSON. */
const problems = (...statuses: number[]): OpenApi =>
  Object.fromEntries([...statuses, 401, 403, 429, 500, 503].map((status) => [status, problemRef(status)]));
const binary = { 'application/octet-stream': { schema: {} } };
const sha256 = { type: 'string', pattern: '^[0-9a-f]{64}$' };

export const otherTags: readonly OpenApi[] = [
  { name: 'files', description: 'Files' },
  { name: 'live', description: 'Live updates' },
];

export const otherPaths: OpenApi = {
  '/v1/files': {
    post: {
      operationId: 'uploadFile',
      summary: 'Upload a file',
      description: 'The body is the file itself. Uploading the same content again gives the same file.',
      tags: ['files'],
      'x-permission': 'files.file.upload',
      parameters: [
        {
          name: 'name',
          in: 'query',
          required: true,
          description: 'Its name, without a path',
          schema: { type: 'string', minLength: 1, maxLength: 255 },
        },
      ],
      requestBody: { required: true, content: binary },
      responses: {
        200: {
          description: 'Stored',
          content: {
            'application/json': {
              schema: {
                type: 'object',
                properties: {
                  sha256,
                  size: { type: 'integer' },
                  name: { type: 'string' },
                  storedAt: { type: 'string', format: 'date-time' },
                },
                required: ['sha256', 'size', 'name', 'storedAt'],
              },
            },
          },
        },
        ...problems(400, 413, 415),
      },
    },
  },
  '/v1/files/{sha256}': {
    get: {
      operationId: 'downloadFile',
      summary: 'Download a file',
      tags: ['files'],
      'x-permission': 'files.file.read',
      parameters: [{ name: 'sha256', in: 'path', required: true, schema: sha256 }],
      responses: {
        200: { description: 'The file', content: binary },
        304: { description: 'If-None-Match names its ETag' },
        ...problems(400, 404, 414),
      },
    },
  },
  '/v1/platform/exports/{exportId}/file': {
    get: {
      operationId: 'downloadExport',
      summary: 'Download the file of an export',
      description: 'For who started it, as long as their rights on the list are what they were then.',
      tags: ['platform'],
      'x-permission': 'platform.export.read',
      parameters: [{ name: 'exportId', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }],
      responses: { 200: { description: 'The file', content: binary }, ...problems(400, 404, 409, 414) },
    },
  },
  '/v1/platform/imports/{importId}/refused': {
    get: {
      operationId: 'downloadRefusedRows',
      summary: 'Download the refused rows of an import',
      description:
        'As CSV, each with its reason in a last column, ready to be mended and imported again. For who started it.',
      tags: ['platform'],
      'x-permission': 'platform.import.read',
      parameters: [{ name: 'importId', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }],
      responses: {
        200: { description: 'The rows', content: { 'text/csv': { schema: { type: 'string' } } } },
        ...problems(400, 404, 414),
      },
    },
  },
  '/v1/live': {
    get: {
      operationId: 'liveUpdates',
      summary: 'Follow what changes',
      description:
        'Server-sent events, read by fetch with the access token: `hint` { channel, ids, position } after each change, `position` { position, trail } as a heartbeat, `reset` when a Last-Event-ID is too old. Ends when the token expires, and at the next event once token, key or session are no longer valid. At most 50 streams per caller.',
      tags: ['live'],
      parameters: [
        { name: 'Last-Event-ID', in: 'header', description: 'Resumes after this position', schema: { type: 'string' } },
      ],
      responses: {
        200: { description: 'The stream', content: { 'text/event-stream': { schema: { type: 'string' } } } },
        ...problems(),
      },
    },
  },
};
