import type { Rejection } from '@daybook/kernel';
import type { FastifyReply } from 'fastify';
import type { Answered } from '../dispatch/request.js';
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

/**
 * Sends an answer: with its own tag, or with the version of the record as ETag for If-Match; 202 for a command that waits for
 * approval, 304 for what the caller has.
 */
export function sendAnswer(
  reply: FastifyReply,
  { value, tag = null, unchanged }: Omit<Answered, 'kind'>,
): FastifyReply {
  tagged(reply, tag).header('cache-control', 'no-store');
  if (unchanged) return reply.code(304).send();
  const version = typeof value === 'object' && value !== null ? (value as { version?: unknown }).version : undefined;
  if (tag === null && Number.isInteger(version)) void reply.header('etag', `"${String(version)}"`);
  const waits =
    typeof value === 'object' && value !== null && 'approvalRequest' in value && value.approvalRequest !== undefined;
  return reply
    .code(waits ? 202 : 200)
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(value ?? null));
}

/** Weak: it stands for what is said, not for bytes, and a version that If-Match takes is never weak. */
export const tagged = (reply: FastifyReply, tag: string | null = null): FastifyReply =>
  tag === null ? reply : reply.header('etag', `W/"${tag}"`);
