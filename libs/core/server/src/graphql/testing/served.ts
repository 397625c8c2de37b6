import { amount, command, type Operation, pageInput, pageOf, plainDate, query, type Rejection } from '@daybook/kernel';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import * as z from 'zod';
import { RateLimits } from '../../dispatch/limits.js';
import { type Answered, internalRequest, type OperationRequest } from '../../dispatch/request.js';
import { graphqlOptions } from '../index.js';
import type { GraphqlDispatcher } from '../schema.js';

const part: z.ZodType = z
  .object({
    name: z.string(),
    get parts(): z.ZodType {
      return z.array(part);
    },
  })
  .meta({ id: 'Part' });
const entry = z
  .object({
    id: z.uuid(),
    date: plainDate,
    amount,
    parts: z.array(part),
    lines: z.array(z.object({ text: z.string() }).meta({ id: 'Line' })),
  })
  .meta({ id: 'Entry' });
const post = command('books.entry.post', {
  title: 'Post an entry',
  http: 'POST /v1/books/entries',
  says: 'posted',
  ifMatch: 'optional',
  input: z.object({ date: plainDate, amount, note: z.string().optional() }),
});
const list = query('books.entry.list', {
  title: 'List entries',
  http: 'GET /v1/books/entries',
  permission: 'books.entry.read',
  input: z.object({ ...pageInput }),
  output: pageOf(entry),
});

export const answer = { id: '0199a9b2-0000-7000-8000-000000000000', version: 1, position: '7' };
export const row = { id: answer.id, date: '2026-03-31', amount: '10.50', parts: [], lines: [{ text: 'x' }] };

export class RecordingDispatcher implements GraphqlDispatcher {
  readonly operations = [post, list];
  calls: { name: string; input: unknown; request: OperationRequest }[] = [];
  next: Rejection | Error | null = null;
  async run(operation: Operation, input: unknown, request: OperationRequest): Promise<Answered | Rejection> {
    this.calls.push({ name: operation.name, input, request });
    if (this.next instanceof Error) throw this.next;
    if (this.next) return this.next;
    return { kind: 'answered', value: operation.kind === 'command' ? answer : { items: [row], next: null } };
  }
}

/** GraphQL over HTTP for the specs of a file; its clock moves on an hour with each. */
export function servedGraphql() {
  const dispatcher = new RecordingDispatcher();
  const bugs: unknown[] = [];
  let now = 0;
  let app: NestFastifyApplication;

  beforeAll(async () => {
    const requestOf = () =>
      internalRequest({
        tenant: 't',
        actor: { kind: 'person', id: 'p' },
        channel: 'graphql',
        traceId: 'trace-1',
      });
    const options = graphqlOptions({
      dispatcher,
      requestOf,
      limits: new RateLimits({ now: () => now }),
      onUnexpected: (e) => bugs.push(e),
    });
    @Module({
      imports: [GraphQLModule.forRoot<MercuriusDriverConfig>({ driver: MercuriusDriver, ...options })],
    })
    class App {}
    app = await NestFactory.create<NestFastifyApplication>(App, new FastifyAdapter(), { logger: false });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
  });
  afterAll(() => app.close());
  beforeEach(() => {
    dispatcher.calls = [];
    dispatcher.next = null;
    bugs.length = 0;
    now += 3_600_000;
  });

  const ask = async (payload: unknown, headers: Record<string, string> = { 'content-type': 'application/json' }) => {
    const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
    const response = await app.inject({ method: 'POST', url: '/graphql', payload: body, headers });
    return { status: response.statusCode, body: response.json() };
  };
  const codeOf = (body: { errors?: { extensions?: { problem?: { code: string } } }[] }) =>
    body.errors?.[0]?.extensions?.problem?.code;

  const pass = (ms: number): void => void (now += ms);
  return { app: () => app, dispatcher, bugs, ask, codeOf, pass };
}
