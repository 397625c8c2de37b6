/*
 * A thin client of the REST API. It works from an operation's declaration, so that route, parameters and body are not
 * written down a second time.
 */
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longest wait for read models that do not advance; one large import is one step for them. */
const standstillMs = 120_000;

/** The server refused, or could not be reached; `problem` is the problem document. */
export class ProblemError extends Error {
  name = 'ProblemError';
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

const problem = (code, title, detail, status = 0) =>
  new ProblemError({ type: `urn:daybook:problem:${code}`, title, status, detail, code });

export class Client {
  #token;
  #credentials;
  #secondFactor;

  /**
   * `token`, or `credentials`: an async function that answers { email, password, tenant? } when they are needed;
   * `secondFactor` is given the methods that the account has, and answers { code } or { recoveryCode }.
   */
  constructor({ url, token = null, credentials = null, secondFactor = null, channel = 'command-line' }) {
    this.url = url.replace(/\/+$/, '');
    this.channel = channel;
    this.#token = token;
    this.#credentials = credentials;
    this.#secondFactor = secondFactor;
  }

  async signIn() {
    const given = await this.#credentials?.();
    if (!given) throw problem('platform.unauthenticated', 'Unauthenticated', 'Sign in first.', 401);
    const { email, password, tenant } = given;
    const session = await this.#open('', { email, password, ...(tenant ? { tenant } : {}) }).catch(async (error) => {
      const { code, details } = error.problem ?? {};
      if (code !== 'identity.mfa-required' || !this.#secondFactor) throw error;
      return this.#open('/mfa', { ticket: details.ticket, ...(await this.#secondFactor(details.methods)) });
    });
    this.#token = (await session.json()).accessToken;
    return session;
  }

  #open(path, input) {
    const headers = { 'content-type': 'application/json', 'x-daybook-channel': this.channel };
    return this.#send('POST', `/v1/identity/session${path}`, { headers, body: JSON.stringify(input) });
  }

  /** Runs an operation. For queries `csv` names the form of CSV to answer; a command gets a fresh key unless one is given. */
  async call(operation, input, options = {}) {
    const { path, rest, method } = route(operation, input);
    const headers = {};
    if (options.reason) headers['x-daybook-reason'] = encodeURIComponent(options.reason);
    if (options.version !== undefined) headers['if-match'] = `"${options.version}"`;
    if (operation.kind === 'command' && operation.acceptsIdempotencyKey)
      headers['idempotency-key'] = options.key ?? randomUUID();
    if (options.csv) headers.accept = options.csv === 'plain' ? 'text/csv' : `text/csv; form=${options.csv}`;
    let query = '';
    let body;
    if (method === 'GET') {
      query = queryOf({ ...rest, 'min-position': options.minPosition, 'known-at': options.knownAt });
    } else {
      headers['content-type'] = 'application/json';
      body = JSON.stringify(rest);
    }
    const response = await this.#authorised(method, `${path}${query}`, () => ({ headers, body }), operation);
    return options.csv ? response.text() : response.json();
  }

  async upload(file, name) {
    const { size } = await stat(file);
    const make = () => ({
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(size) },
      body: Readable.toWeb(createReadStream(file)),
      duplex: 'half',
    });
    const response = await this.#authorised('POST', `/v1/files${queryOf({ name })}`, make, null);
    return response.json();
  }

  /** Sends the token; an expired token is replaced once. */
  async #authorised(method, path, make, operation) {
    const open = operation?.permission === null;
    if (!this.#token && !open) await this.signIn();
    const send = () => {
      const { headers, ...more } = make();
      const authorization = this.#token ? { authorization: `Bearer ${this.#token}` } : {};
      return this.#send(method, path, {
        ...more,
        headers: { ...headers, ...authorization, 'x-daybook-channel': this.channel },
      });
    };
    try {
      return await patiently(send, method);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problem.status !== 401 || !this.#credentials || open) throw error;
      await this.signIn();
      return send();
    }
  }

  async #send(method, path, init) {
    let response;
    try {
      response = await fetch(`${this.url}${path}`, { method, ...init });
    } catch (error) {
      const cause = error.cause?.code ?? error.cause?.message ?? error.message;
      throw problem('platform.unreachable', 'Unreachable', `No Daybook answers at ${this.url} (${cause}).`);
    }
    if (response.ok) return response;
    const text = await response.text();
    throw new ProblemError(readProblem(text, response.status, this.url));
  }
}

/** Retries when read models lag behind a large write, as long as they keep advancing. */
async function patiently(send, method) {
  let reached = null;
  for (let movedAt = Date.now(); ;) {
    try {
      return await send();
    } catch (error) {
      const { status, details } = error.problem ?? {};
      const wait = details?.retryAfterSeconds;
      if (method !== 'GET' || status !== 503 || typeof wait !== 'number') throw error;
      if (details.reached !== reached) [reached, movedAt] = [details.reached, Date.now()];
      if (Date.now() - movedAt > standstillMs) throw error;
      await sleep(wait * 1000);
    }
  }
}

function readProblem(text, status, url) {
  try {
    const document = JSON.parse(text);
    if (typeof document.code === 'string') return document;
  } catch {
    // Not a problem document: a proxy, or another program on that port.
  }
  return problem('platform.unexpected', 'Unexpected', `${url} answered with status ${status}.`, status).problem;
}

function route(operation, input) {
  const [method, template] = operation.http.split(' ');
  const rest = { ...input };
  const path = template.replace(/\{(\w+)\}/g, (_, name) => {
    const value = rest[name];
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  return { method, path, rest };
}

function queryOf(values) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) query.append(name, String(one));
    }
  }
  const text = query.toString();
  return text ? `?${text}` : '';
}
