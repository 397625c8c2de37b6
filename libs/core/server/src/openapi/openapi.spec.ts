import { amount, command, type Operation, pageInput, pageOf, query } from '@daybook/kernel';
import { Validator } from '@seriousme/openapi-schema-validator';
import { fastify } from 'fastify';
import * as z from 'zod';
import { openApiDocument, serveOpenApi } from './index.js';

const line = z.object({ amount, side: z.enum(['debit', 'credit']).default('debit') }).meta({ id: 'Line' });
const entry = z.object({ id: z.uuid(), version: z.int(), lines: z.array(line) }).meta({ id: 'Entry' });
const companyId = z.uuid();
const post = command('books.entry.post', {
  title: 'Post an entry',
  http: 'POST /v1/books/companies/{companyId}/entries',
  says: 'posted',
  input: z.object({ companyId, lines: z.array(line), note: z.string().optional() }),
});
const change = command('books.entry.change', {
  title: 'Change an entry',
  http: 'PUT /v1/books/companies/{companyId}/entries/{entryId}',
  says: 'changed',
  ifMatch: 'required',
  input: z.object({ companyId, entryId: z.uuid(), note: z.string() }),
});
const open = command('books.session.open', {
  title: 'Open',
  http: 'POST /v1/books/session',
  permission: null,
  acceptsIdempotencyKey: false,
  says: 'opened',
  input: z.object({}),
  output: z.object({ token: z.string() }),
});
const list = query('books.entry.list', {
  title: 'List entries',
  description: 'Newest first.',
  http: 'GET /v1/books/companies/{companyId}/entries',
  permission: 'books.entry.read',
  input: z.object({
    companyId,
    side: z
      .array(z.enum(['debit', 'credit']))
      .optional()
      .describe('Sides'),
    ...pageInput,
  }),
  output: pageOf(entry),
  rows: 'items',
});
const operations = [post, change, open, list] as unknown as Operation[];

interface Item {
  security?: unknown[];
  parameters: { name?: string; in?: string; $ref?: string }[];
  requestBody?: {
    required: boolean;
    content: { 'application/json': { schema: { properties: object; required: string[] } } };
  };
  responses: Record<string, { headers?: object; content?: object }>;
}
interface Document {
  paths: Record<string, Record<string, Item>>;
  components: { schemas: Record<string, { required?: string[]; properties?: Record<string, unknown> }> };
  tags: { name: string; description: string }[];
}

describe('the OpenAPI document', () => {
  const document = openApiDocument(operations, [{ name: 'books', title: 'Books' }]) as unknown as Document;
  const entries = document.paths['/v1/books/companies/{companyId}/entries'];

  it('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(structuredClone(document) as never);
    expect(result).toMatchObject({ valid: true });
  });

  it('puts fields of the path into the path, and the rest into the body or the query string', () => {
    const body = entries?.['post']?.requestBody;
    expect(Object.keys(body?.content['application/json'].schema.properties ?? {})).toEqual(['lines', 'note']);
    expect(body?.content['application/json'].schema.required).toEqual(['lines']);
    expect(entries?.['get']?.parameters.filter((p) => p.name).map((p) => `${p.in} ${p.name}`)).toEqual([
      'path companyId',
      'query side',
      'query limit',
      'query cursor',
    ]);
    expect(entries?.['get']?.parameters).toContainEqual(
      expect.objectContaining({ name: 'side', description: 'Sides', style: 'form', explode: true }),
    );
  });

  it('lists the headers that each operation takes', () => {
    const refs = (item?: Item) => item?.parameters.flatMap((p) => (p.$ref ? [p.$ref.split('/').at(-1)] : []));
    expect(refs(entries?.['post'])).toEqual(['IdempotencyKey', 'Reason']);
    expect(refs(entries?.['get'])).toEqual(['MinPosition', 'KnownAt', 'IfNoneMatch']);
    expect(refs(document.paths['/v1/books/companies/{companyId}/entries/{entryId}']?.['put'])).toEqual([
      'IdempotencyKey',
      'IfMatchRequired',
      'Reason',
    ]);
    expect(refs(document.paths['/v1/books/session']?.['post'])).toEqual(['Reason']);
    expect(entries?.['post']?.responses['200']?.headers).toHaveProperty('ETag');
    expect(entries?.['get']?.responses['200']?.content).toHaveProperty('text/csv');
  });

  it('lists the problems that can occur, and no others', () => {
    const statuses = (item?: Item) =>
      Object.keys(item?.responses ?? {})
        .filter((s) => s !== '200')
        .join(' ');
    expect(statuses(entries?.['get'])).toBe('304 400 401 403 404 414 429 431 500 503');
    expect(statuses(entries?.['post'])).toBe('400 401 403 404 409 413 414 415 422 429 431 500 503');
    expect(statuses(document.paths['/v1/books/companies/{companyId}/entries/{entryId}']?.['put'])).toContain('412');
    expect(statuses(document.paths['/v1/books/session']?.['post'])).toBe('400 401 403 409 413 415 429 431 500 503');
    expect(document.paths['/v1/books/session']?.['post']?.security).toEqual([]);
  });

  it('names schemas by their meta id, with an input schema of its own only where it differs', () => {
    const { schemas } = document.components;
    expect(schemas['Line']?.required).toEqual(['amount', 'side']);
    expect(schemas['LineInput']?.required).toEqual(['amount']);
    expect(Object.keys(schemas)).toEqual(expect.arrayContaining(['Amount', 'Entry', 'CommandResult', 'Problem']));
    expect(schemas).not.toHaveProperty('AmountInput');
    expect(JSON.stringify(entries?.['post']?.requestBody)).toContain('#/components/schemas/LineInput');
  });

  it('rejects two operations with one route', () => {
    expect(() => openApiDocument([post, post] as unknown as Operation[], [])).toThrow('Two operations have the route');
  });
});

describe('/docs', () => {
  it('shows the document with files of this server only, without inline scripts or styles', async () => {
    const server = fastify();
    serveOpenApi(server, openApiDocument(operations, []));
    const page = await server.inject('/docs');
    expect(page.payload).not.toMatch(/https?:\/\/|<style|style=|<script(?![^>]*src=)[^>]*>/);
    for (const [, url] of page.payload.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      expect([url, (await server.inject(String(url))).statusCode]).toEqual([url, 200]);
    }
    const document = await server.inject('/openapi.json');
    expect(document.headers['content-type']).toContain('application/json');
    expect(document.json()).toHaveProperty('openapi', '3.1.1');
    await server.close();
  });
});
