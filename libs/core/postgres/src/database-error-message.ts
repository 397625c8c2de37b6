import { isOutage } from './outage.js';

/** SQLSTATE of a refused connection: a wrong login, no such database, no right to connect. */
const closed = /^(28...|3D000|42501)$/;
/** TLS errors of Node: the server's certificate cannot be verified, or is for another host. */
const tls = /^(ERR_TLS_|ERR_SSL_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|CERT_)/;
const noTls = 'The server does not support SSL connections';
/** Errors whose message is such a sentence already; by name, so that their modules need not be loaded. */
const own = new Set(['UnsupportedServerError', 'DatabaseUrlError', 'SecretMismatchError']);

/** What the operator has to fix, in one sentence that names the variable; null for other errors. */
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
