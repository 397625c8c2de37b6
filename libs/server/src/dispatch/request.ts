import { type Actor, type Channel, type Rejection, reject } from '@daybook/kernel';
import { type Access, anonymous, type Authenticator } from './access.js';

/** A cookie that an operation sets on the answer; outside HTTP it goes nowhere. */
export interface CookieToSet {
  readonly name: string;
  readonly value: string | null;
  readonly path: string;
  readonly maxAgeSeconds: number;
}

/** What a transport knows about one call besides operation and input. REST, GraphQL, jobs and CLI make the same one. */
export interface OperationRequest {
  /** The rights of the caller; asked at most once per HTTP request, however many operations it holds. */
  readonly access: () => Promise<Access | Rejection>;
  readonly channel: Channel;
  readonly address: string | null;
  /** Trace id of the request; also the correlation id of what it causes. */
  readonly traceId: string;
  readonly reason: string | null;
  readonly idempotencyKey: string | null;
  readonly expectedVersion: number | null;
  /** Wait (2 s at most) until reads have reached this position. */
  readonly minPosition: string | null;
  /** An instant, a trail number or `position:<n>`. */
  readonly knownAt: string | null;
  /** An export: every page of a list, in one snapshot. */
  readonly allRows?: boolean;
  /** What the transport could not read; refused once it is known that the caller may call. */
  readonly malformed?: Rejection | null;
  readonly userAgent: string | null;
  readonly cookies: Readonly<Record<string, string | undefined>>;
  readonly setCookie: (cookie: CookieToSet) => void;
}

export const unauthenticated = (message = 'Sign in: this needs a valid access token.'): Rejection =>
  reject('platform.unauthenticated', message, { status: 401 });

/** Asks the authenticator once and remembers the answer for the rest of the request. */
export function accessOf(authenticator: Authenticator, authorization: string | undefined, address: string | null) {
  let answer: Promise<Access | Rejection> | null = null;
  return (): Promise<Access | Rejection> => {
    const bearer = /^Bearer ([^\s]+)$/i.exec(authorization ?? '')?.[1];
    answer ??= bearer === undefined ? Promise.resolve(unauthenticated()) : authenticator.authenticate(bearer, address);
    return answer;
  };
}

/** A request made by the program itself, in the name of a known actor: jobs, process managers, set-up. */
export const internalRequest = (who: {
  tenant: string;
  actor: Actor;
  channel: Channel;
  traceId: string;
  reason?: string | null;
  idempotencyKey?: string | null;
}): OperationRequest => ({
  access: async () => ({ ...anonymous, tenant: who.tenant, actor: who.actor }),
  channel: who.channel,
  address: null,
  traceId: who.traceId,
  reason: who.reason ?? null,
  idempotencyKey: who.idempotencyKey ?? null,
  expectedVersion: null,
  minPosition: null,
  knownAt: null,
  userAgent: null,
  cookies: {},
  setCookie: () => undefined,
});
