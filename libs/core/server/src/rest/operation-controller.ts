import {
  type CsvFormName,
  csvForms,
  csvOf,
  isRejection,
  type Operation,
  type QueryOperation,
  reject,
} from '@daybook/kernel';
import { Controller, Delete, Get, Inject, Patch, Post, Put, Req, Res, type Type } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { Authenticator } from '../dispatch/access.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import { classNameOf } from '../dispatch/message.js';
import { columnsOf } from '../export/columns.js';
import { AnsweredExports } from '../export/export-record.js';
import { csvTypeOf, wantedCsv } from './csv.js';
import { httpRequest } from './http-request.js';
import { inputReader } from './input.js';
import { knownBy } from './if-match.js';
import { sendAnswer, sendRejection, tagged } from './replies.js';

const verbs = { GET: Get, POST: Post, PUT: Put, PATCH: Patch, DELETE: Delete } as const;
const readParameters = new Set(['min-position', 'known-at']);

export const routeOf = (operation: Operation): { method: keyof typeof verbs; path: string } => {
  const [method, path] = operation.http.split(' ') as [keyof typeof verbs, string];
  return { method, path: path.replaceAll(/\{(\w+)\}/g, ':$1') };
};

/** One plain Nest controller per operation, with its route. Guard, pipe and interceptors are at the handler, for REST and GraphQL alike. */
export function controllerFor(operation: Operation): Type {
  const { method, path } = routeOf(operation);
  const read = inputReader(operation);
  const columns = operation.kind === 'query' && operation.rows !== null ? columnsOf(operation) : null;

  class OperationController {
    constructor(
      readonly dispatcher: Dispatcher,
      readonly authenticator: Authenticator,
      readonly exports: AnsweredExports,
    ) {}

    async handle(request: FastifyRequest, reply: FastifyReply): Promise<void> {
      if (request.body instanceof Readable) {
        request.body.resume();
        sendRejection(reply, reject('platform.unsupported-media-type', 'Send JSON here.', { status: 415 }));
        return;
      }
      const call = httpRequest(request, reply, this.authenticator);
      const query = request.query as Record<string, unknown>;
      const filters =
        operation.kind === 'query'
          ? Object.fromEntries(Object.entries(query).filter(([name]) => !readParameters.has(name)))
          : query;
      const input = read(request.params as Record<string, unknown>, filters, method === 'GET' ? null : request.body);
      const csv = columns === null ? null : wantedCsv(request.headers.accept);
      // An export without paging parameters is the whole list.
      const allRows = csv !== null && !('limit' in query) && !('cursor' in query);
      const representation = { form: csv ?? 'json', known: knownBy(request.headers['if-none-match'] ?? null) };
      const answer = await this.dispatcher.run(operation, input, { ...call, allRows, representation });
      if (isRejection(answer)) sendRejection(reply, answer);
      else if (csv === null || answer.unchanged) sendAnswer(reply, answer);
      else {
        const rows = rowsIn(operation, answer.value as Record<string, unknown>);
        const refused = allRows
          ? await this.exports.record(operation as QueryOperation, input as Record<string, unknown>, rows.length, call)
          : null;
        if (refused) sendRejection(reply, refused);
        else this.sendCsv(tagged(reply, answer.tag ?? null), rows, csv);
      }
    }

    private sendCsv(reply: FastifyReply, rows: readonly Record<string, unknown>[], form: CsvFormName): void {
      void reply
        .code(200)
        .header('content-type', csvTypeOf(form))
        .header('content-disposition', `attachment; filename="${operation.name}.csv"`)
        .header('cache-control', 'no-store')
        .send(csvOf(columns ?? [], rows, csvForms[form]));
    }
  }

  Object.defineProperty(OperationController, 'name', { value: `${classNameOf(operation)}Controller` });
  Controller()(OperationController);
  Inject(Dispatcher)(OperationController, undefined, 0);
  Inject(Authenticator)(OperationController, undefined, 1);
  Inject(AnsweredExports)(OperationController, undefined, 2);
  Req()(OperationController.prototype, 'handle', 0);
  Res()(OperationController.prototype, 'handle', 1);
  const handle = Object.getOwnPropertyDescriptor(OperationController.prototype, 'handle')!;
  verbs[method](path)(OperationController.prototype, 'handle', handle);
  return OperationController;
}

const rowsIn = (operation: Operation, answer: Readonly<Record<string, unknown>>): readonly Record<string, unknown>[] =>
  operation.kind === 'query' && operation.rows !== null ? (answer[operation.rows] as Record<string, unknown>[]) : [];
