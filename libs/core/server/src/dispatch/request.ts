import { type Actor, type Channel, type Rejection, reject, RejectionError } from '@daybook/kernel';
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
  /** The same as it was a moment ago, sooner; null where nothing is remembered. See `Authenticator`. */
  readonly ahead?: () => Promise<Access | null>;
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
  /** Made by the program itself: nobody's rights are asked for. */
  readonly internal?: true;
  readonly userAgent: string | null;
  readonly cookies: Readonly<Record<string, string | undefined>>;
  readonly setCookie: (cookie: CookieToSet) => void;
}

export const unauthenticated = (message = 'Sign in: this needs a valid access token.'): Rejection =>
  reject('platform.unauthenticated', message, { status: 401 });

/** Asks the authenticator once and remembers the answer for the rest of the request. */
export function accessOf(
  authenticator: Authenticator,
  authorization: string | undefined,
  address: string | null,
): Required<Pick<OperationRequest, 'access' | 'ahead'>> {
  let asked: { access: Promise<Access | Rejection>; ahead: Promise<Access | null> } | null = null;
  const ask = () => {
    if (asked) return asked;
    const bearer = /^Bearer ([^\s]+)$/i.exec(authorization ?? '')?.[1];
    if (bearer === undefined) {
      return (asked = { access: Promise.resolve(unauthenticated()), ahead: Promise.resolve(null) });
    }
    const { promise: ahead, resolve } = Promise.withResolvers<Access | null>();
    // What nobody can judge (rights that hold an unknown event) is an answer like any other, for every door.
    const access = authenticator.authenticate(bearer, address, resolve).catch((error: unknown) => {
      if (error instanceof RejectionError) return error.rejection;
      throw error;
    });
    const none = () => resolve(null);
    access.then(none, none);
    return (asked = { access, ahead });
  };
  return { access: () => ask().access, ahead: () => ask().ahead };
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
  internal: true,
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
