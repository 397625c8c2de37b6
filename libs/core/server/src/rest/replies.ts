import type { Rejection } from '@daybook/kernel';
import type { FastifyReply } from 'fastify';
import { type Problem, problemOf } from '../problem.js';

export const problemType = 'application/problem+json; charset=utf-8';

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const wait = problem.details['retryAfterSeconds'];
  if (typeof wait === 'number') void reply.header('retry-after', String(wait));
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
  return reply
    .code(problem.status)
    .header('content-type', problemType)
    .header('cache-control', 'no-store')
    .send(JSON.stringify(problem));
}

export const sendRejection = (reply: FastifyReply, rejection: Rejection): FastifyReply =>
  sendProblem(reply, problemOf(rejection, reply.request.id));

/** Sends an answer, with the version of the record as ETag for If-Match; 202 for a command that waits for approval. */
export function sendAnswer(reply: FastifyReply, value: unknown): FastifyReply {
  const version = typeof value === 'object' && value !== null ? (value as { version?: unknown }).version : undefined;
  if (Number.isInteger(version)) void reply.header('etag', `"${String(version)}"`);
  const waits =
    typeof value === 'object' && value !== null && 'approvalRequest' in value && value.approvalRequest !== undefined;
  return reply
    .code(waits ? 202 : 200)
    .header('content-type', 'application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(JSON.stringify(value ?? null));
}
