import { inject, Injectable } from '@angular/core';
import { type CallOf, type CommandOperation, newId, type OutputOf, type QueryOperation } from '@daybook/kernel';
import { AsOf } from './as-of';
import { Confirmation } from './confirmation';
import { offline, type Problem, problemOf, ProblemError, wasAborted } from './problem';
import { Session } from './session';

export interface AskOptions {
  readonly signal?: AbortSignal;
  /** Another moment than the console's; null asks for now. */
  readonly known?: string | null;
}
export interface ExecuteOptions {
  /** Idempotency-Key; give the same one when the same form is sent again. */
  readonly key?: string;
  /** Version of the record the person saw. */
  readonly ifMatch?: number;
  readonly reason?: string;
}
type Fields = Readonly<Record<string, unknown>>;

/** Splits an input into the address of its route and the fields that are left. */
export function addressOf(
  http: string,
  input: Fields,
): { method: string; path: string; rest: Record<string, unknown> } {
  const [method = 'GET', template = ''] = http.split(' ');
  const rest = { ...input };
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest[name];
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  return { method, path, rest };
}
/** Arrays repeat the key; what is missing or empty is left out. */
export function queryString(fields: Fields): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (item !== undefined && item !== null && item !== '') pairs.append(name, String(item));
    }
  }
  const text = pairs.toString();
  return text === '' ? '' : `?${text}`;
}

/**
 * The one way to the server: operations go in as they are declared, typed answers come out, refusals are thrown as
 * ProblemError. Nothing is validated here that the server validates.
 */
@Injectable({ providedIn: 'root' })
export class Api {
  private readonly session = inject(Session);
  private readonly asOf = inject(AsOf);
  private readonly confirmation = inject(Confirmation);
  /** Reads wait for it: what was just written is in them. */
  private written: string | null = null;

  async ask<Q extends QueryOperation>(query: Q, input: CallOf<Q>, options: AskOptions = {}): Promise<OutputOf<Q>> {
    const response = await this.fetch(...this.reading(query, input as Fields, options), 'application/json');
    return (await response.json()) as OutputOf<Q>;
  }
  /** The rows of a list as a file of another type. Its bytes: as text it would lose a byte order mark. */
  async askFile(query: QueryOperation, input: Fields, accept: string, options: AskOptions = {}): Promise<Blob> {
    return (await this.fetch(...this.reading(query, input, options), accept)).blob();
  }

  async execute<C extends CommandOperation>(
    command: C,
    input: CallOf<C>,
    options: ExecuteOptions = {},
  ): Promise<OutputOf<C>> {
    const { method, path, rest } = addressOf(command.http, input as Fields);
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (command.acceptsIdempotencyKey) headers['idempotency-key'] = options.key ?? newId();
    if (options.ifMatch !== undefined && command.ifMatch !== 'none') headers['if-match'] = `"${options.ifMatch}"`;
    if (options.reason) headers['x-daybook-reason'] = encodeURIComponent(options.reason);
    const response = await this.fetch(path, { method, headers, body: JSON.stringify(rest) }, 'application/json');
    const answer = (response.status === 204 ? null : await response.json()) as OutputOf<C>;
    const { position } = (answer ?? {}) as { position?: unknown };
    if (typeof position === 'string') this.written = position;
    return answer;
  }

  /** Sends a file as it is; the server answers its SHA-256, by which operations name it. */
  async upload(file: File, signal?: AbortSignal): Promise<{ sha256: string; size: number; name: string }> {
    const response = await this.fetch(
      `/v1/files?name=${encodeURIComponent(file.name)}`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: file,
        ...(signal ? { signal } : {}),
      },
      'application/json',
    );
    return (await response.json()) as { sha256: string; size: number; name: string };
  }

  /** A request with the session's token: one silent refresh when the token has run out, one proof when it is sensitive. */
  async fetch(path: string, init: RequestInit, accept: string): Promise<Response> {
    if (this.session.expiring) await this.session.refresh();
    const first = await this.send(path, init, accept);
    if (first.ok) return first;
    const problem = await problemOf(first);
    if (!(await this.mayGoAgain(problem))) throw new ProblemError(problem);
    const second = await this.send(path, init, accept);
    if (!second.ok) throw new ProblemError(await problemOf(second));
    return second;
  }

  /** A 401 with another code is an answer (a second factor is missing), not a token that has run out. */
  private async mayGoAgain({ code }: Problem): Promise<boolean> {
    if (code === 'platform.unauthenticated') return this.session.refresh();
    return code === 'identity.confirmation-required' && this.confirmation.ask();
  }

  private reading(query: QueryOperation, input: Fields, options: AskOptions): [string, RequestInit] {
    const { path, rest } = addressOf(query.http, input);
    const known = options.known === undefined ? this.asOf.known() : options.known;
    const moment = known === null || query.currentOnly ? { 'min-position': this.written } : { 'known-at': known };
    return [path + queryString({ ...rest, ...moment }), options.signal ? { signal: options.signal } : {}];
  }
  private async send(path: string, init: RequestInit, accept: string): Promise<Response> {
    const token = this.session.token;
    try {
      return await fetch(path, {
        credentials: 'same-origin',
        ...init,
        headers: {
          accept,
          'x-daybook-channel': 'console',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(init.headers as Record<string, string> | undefined),
        },
      });
    } catch (error) {
      if (wasAborted(error)) throw error;
      throw new ProblemError(offline);
    }
  }
}
