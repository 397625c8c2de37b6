import { ErrorType, isCommandError, type CommandError, type WrongExpectedVersionError } from '@eventstore/db-client';
import { StoreUnavailable, type Unavailability } from '../store-unavailable.js';
import { type EventStoreAddress, shownHosts } from './address.js';

const typeOf = (error: unknown): CommandError['type'] | null =>
  error instanceof Error && isCommandError(error) ? error.type : null;

export const isStreamNotFound = (error: unknown): boolean => typeOf(error) === ErrorType.STREAM_NOT_FOUND;
export const isWrongVersion = (error: unknown): error is WrongExpectedVersionError =>
  typeOf(error) === ErrorType.WRONG_EXPECTED_VERSION;

/** The server's answer to a position at which no event begins; it uses the same code for its own faults. */
const ofPosition: readonly string[] = [ErrorType.UNKNOWN, ErrorType.NOT_FOUND, ErrorType.INVALID_ARGUMENT];
export const mayRefusePosition = (error: unknown): boolean => ofPosition.includes(typeOf(error) ?? '');

/** Retrying would not help. */
const fatal: readonly string[] = [ErrorType.INVALID_ARGUMENT, ErrorType.UNSUPPORTED];
export const isFatal = (error: unknown): boolean =>
  fatal.includes(typeOf(error) ?? '') || (error instanceof StoreUnavailable && error.why === 'denied');

const awayTypes: readonly string[] = [
  ErrorType.UNAVAILABLE,
  ErrorType.CANCELLED,
  ErrorType.DEADLINE_EXCEEDED,
  ErrorType.TIMEOUT,
  ErrorType.NOT_LEADER,
];
/** gRPC codes: cancelled, deadline exceeded, aborted, unavailable; permission denied, unauthenticated. */
const awayCodes: readonly unknown[] = [1, 4, 10, 14];
const deniedCodes: readonly unknown[] = [7, 16];
/** Messages of the client, with other codes or none, when a connection breaks or no node of a cluster responds. */
const broken = /RST_STREAM|ECONN|EPIPE|socket hang up|Failed to discover|Channel has been shut down|write after end/;

/** The cause, by the message of TLS or the system; the first match counts. */
const reasons: readonly (readonly [RegExp, Unavailability, (hosts: string) => string])[] = [
  [
    /wrong version number|packet length too long|http request/i,
    'denied',
    (hosts) =>
      `The event store at ${hosts} does not speak TLS, and EVENTSTORE_URL asks for it: add tls=false to it, or give the ` +
      'server a certificate.',
  ],
  [
    /certificate|CERT_|unable to verify|altnames|issuer/i,
    'denied',
    (hosts) =>
      `The certificate of the event store at ${hosts} is not trusted: name its authority in the option tlsCAFile of ` +
      'EVENTSTORE_URL, and the server as its certificate does.',
  ],
  [
    /ENOTFOUND|EAI_AGAIN|Name resolution/i,
    'unreachable',
    (hosts) => `The host of the event store at ${hosts} is not known: correct EVENTSTORE_URL.`,
  ],
  [
    /Failed to discover/,
    'unreachable',
    (hosts) =>
      `No node of the event store at ${hosts} answers as one of a cluster: start them, or correct hosts, tls and tlsCAFile ` +
      'in EVENTSTORE_URL.',
  ],
];

/**
 * StoreUnavailable for an error of the client that means the store is unavailable; null for others. The message is one sentence
 * for the operator: what is wrong, and what to do.
 */
export function unavailableOf(error: unknown, address: EventStoreAddress): StoreUnavailable | null {
  if (error instanceof StoreUnavailable) return error;
  if (!(error instanceof Error)) return null;
  const { code } = error as { code?: unknown };
  const where = `The event store at ${shownHosts(address)}`;
  const unavailable = (why: Unavailability, message: string) => new StoreUnavailable(why, message, { cause: error });
  if (typeOf(error) === ErrorType.ACCESS_DENIED || deniedCodes.includes(code)) {
    const whom = address.user ? 'the user in EVENTSTORE_URL' : 'anybody without a name';
    const what = `${where} does not let ${whom} in: give EVENTSTORE_URL a user who may read and write all streams`;
    return unavailable('denied', address.tls ? `${what}.` : `${what}; without TLS they are not sent.`);
  }
  const isAway = awayTypes.includes(typeOf(error) ?? '') || awayCodes.includes(code) || broken.test(error.message);
  if (!isAway) return null;
  const found = reasons.find(([words]) => words.test(error.message));
  if (found) return unavailable(found[1], found[2](shownHosts(address)));
  const mayWantTls = !address.tls && error.message.includes('Failed to connect');
  return unavailable(
    'unreachable',
    mayWantTls
      ? `${where} ended the connection: if it speaks TLS, take tls=false out of EVENTSTORE_URL.`
      : `${where} does not answer: start it, or correct EVENTSTORE_URL.`,
  );
}

/** The server accepted the connection, or the request, and does not respond. */
export const silent = (address: EventStoreAddress, ms: number): StoreUnavailable =>
  new StoreUnavailable(
    'silent',
    `The event store at ${shownHosts(address)} has said nothing for ${ms / 1000} s: look at it, or correct EVENTSTORE_URL.`,
  );
