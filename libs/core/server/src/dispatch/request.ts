import { type Actor, type Channel, type Rejection, reject, RejectionError, type Stamp } from '@daybook/kernel';
import { type Access, anonymous, type Authenticator } from './access.js';

/** A cookie that an operation sets on the response; ignored outside HTTP. */
export interface CookieToSet {
  readonly name: string;
  readonly value: string | null;
  readonly path: string;
  readonly maxAgeSeconds: number;
}

/** The answer of an operation: { id, version, position } for commands unless declared otherwise, the output for queries. */
export interface Answered {
  readonly kind: 'answered';
  readonly value: unknown;
  /** The command waits for approval; nothing is done yet. */
  readonly held?: true;
  /** The entity tag of an answer from read models, without quotes; see `AnswerTag`. */
  readonly tag?: string | null;
  /** The caller has this answer already, by its tag; there is no value. */
  readonly unchanged?: true;
}

/** How an answer is written, and which of its tags the caller has; `*` for any. */
export interface Representation {
  readonly form: string;
  readonly known: readonly string[] | '*';
}

/** One page, as the caller may see it, and what it was read at, null for a list without a past. Answers false to end. */
export type TakePage = (rows: readonly Readonly<Record<string, unknown>>[], stamp: Stamp | null) => Promise<boolean>;

/** What the transport knows about a call besides operation and input. */
export interface OperationRequest {
  /** The rights of the caller; looked up once per HTTP request, however many operations it contains. */
  readonly access: () => Promise<Access | Rejection>;
  /** The rights as they were a moment ago, available sooner; null when not cached. See `Authenticator`. */
  readonly ahead?: () => Promise<Access | null>;
  readonly channel: Channel;
  readonly address: string | null;
  /** Aborted when the caller has left before the answer: what waits is not run, and its statements are cancelled. */
  readonly signal?: AbortSignal;
  /** Trace id of the request; also the correlation id of its events. */
  readonly traceId: string;
  readonly reason: string | null;
  readonly idempotencyKey: string | null;
  readonly expectedVersion: number | null;
  /** Wait (at most 2 s) until the read models have reached this position. */
  readonly minPosition: string | null;
  /** An instant, a trail number or `position:<n>`. */
  readonly knownAt: string | null;
  /** Where answers have tags. */
  readonly representation?: Representation;
  /** Export: all pages of a list, in one snapshot. */
  readonly allRows?: boolean;
  /** Export to a file: takes the pages of a list, in one snapshot; the answer then has no rows. */
  readonly eachPage?: TakePage;
  /** A row of an import: one job sends them one after another, and takes nothing from the requests of its person. */
  readonly isRow?: boolean;
  /** Why the given version cannot be met by any record. */
  readonly versionRefused?: Rejection | null;
  readonly userAgent: string | null;
  readonly cookies: Readonly<Record<string, string | undefined>>;
  readonly setCookie: (cookie: CookieToSet) => void;
}

export const unauthenticated = (message = 'You are not signed in, or your session has ended. Sign in.'): Rejection =>
  reject('platform.unauthenticated', message, { status: 401 });

/** Calls the authenticator once and keeps the result for the rest of the request. */
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
    // Rights that cannot be determined (an unknown event type) are a rejection like any other.
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

/** A request made by the system itself, in the name of a given actor: jobs and set-up. */
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
