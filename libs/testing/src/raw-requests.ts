import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApi } from '@daybook/server/api';
import { AppModule } from '@daybook/app';
import type { TestApp } from './app.js';

/** Raw requests, which no client corrects: any header, any body, from any address. */
export interface RawRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Record<string, string>;
  readonly payload?: string;
  readonly remoteAddress?: string;
}
export interface RawAnswer {
  readonly statusCode: number;
  readonly headers: Record<string, unknown>;
  readonly payload: string;
}
export const json = { 'content-type': 'application/json' };

export function inject(app: NestFastifyApplication, asked: RawRequest): Promise<RawAnswer> {
  const fastify = app.getHttpAdapter().getInstance() as unknown as { inject(asked: RawRequest): Promise<RawAnswer> };
  return fastify.inject(asked);
}

let last = 0;
/** Callers without a token are limited by address: each comes from another one. */
export const anyAddress = (): string => `198.51.100.${(last = (last + 1) % 250)}`;

export function signInRaw(
  { app }: TestApp,
  { email, password }: { email: string; password: string },
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  const payload = JSON.stringify({ email, password });
  const signed = { ...json, ...headers };
  return inject(app, {
    method: 'POST',
    url: '/v1/identity/session',
    headers: signed,
    payload,
    remoteAddress: anyAddress(),
  });
}

/** A second API on the same database, with something changed; the caller closes it. */
export const apiWith = ({ api, config }: TestApp, change: object): Promise<NestFastifyApplication> =>
  createApi(AppModule, { config: { ...config, ...change }, logger: api.logger });
