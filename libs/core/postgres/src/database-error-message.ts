import { isOutage } from './outage.js';

/** SQLSTATE of a server that answers and lets nobody in: a wrong login, no such database, no right to connect. */
const closed = /^(28...|3D000|42501)$/;
/** Of TLS, in Node's words: who the server is cannot be told, or it is another than was asked for. */
const tls = /^(ERR_TLS_|ERR_SSL_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|CERT_)/;
const noTls = 'The server does not support SSL connections';
/** Errors that are such sentences themselves; by name, so that the caller loads no more than this. */
const own = new Set(['UnsupportedServerError', 'DatabaseUrlError', 'SecretMismatchError']);

/** What the operator can put right about the database, in one sentence that names the variable; null for anything else. */
export function databaseErrorMessage(error: unknown): string | null {
  const {
    name = '',
    code = '',
    message = '',
    severity,
  } = error as Partial<Error> & { code?: string; severity?: string };
  const why = message.replace(/\.$/, '');
  if (own.has(name)) return message;
  if (isOutage(error)) return 'The database at DATABASE_URL does not answer. Start it, or set the address where it is.';
  if (severity !== undefined && closed.test(code)) return `The database at DATABASE_URL does not let us in: ${why}.`;
  if (tls.test(code) || message === noTls) {
    return `The database at DATABASE_URL cannot be trusted: ${why}. Set sslmode and sslrootcert as its administrator says.`;
  }
  return null;
}
