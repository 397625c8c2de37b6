import { StoreUnavailable } from '@daybook/event-store';
import { DataFormatError } from '@daybook/kernel/data-format';
import { DatabaseUrlError, isOutage, UnsupportedServerError } from '@daybook/postgres';
import { LogExchanged } from '@daybook/projections';

/** SQLSTATE of a server that answers and lets nobody in: a wrong login, no such database, no right to connect. */
const closed = /^(28...|3D000|42501)$/;
/** Of TLS, in Node's words: who the server is cannot be told, or it is another than was asked for. */
const tls = /^(ERR_TLS_|ERR_SSL_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|CERT_)/;
const noTls = 'The server does not support SSL connections';

/** What the operator can put right, in one sentence; null for anything else. */
export function startSentence(error: unknown): string | null {
  const own = [DataFormatError, LogExchanged, StoreUnavailable, UnsupportedServerError, DatabaseUrlError];
  if (own.some((kind) => error instanceof kind)) return (error as Error).message;
  const { code = '', message = '', severity } = error as { code?: string; message?: string; severity?: string };
  const why = message.replace(/\.$/, '');
  if (isOutage(error)) return 'The database at DATABASE_URL does not answer. Start it, or set the address where it is.';
  if (severity !== undefined && closed.test(code)) return `The database at DATABASE_URL does not let us in: ${why}.`;
  if (tls.test(code) || message === noTls) {
    return `The database at DATABASE_URL cannot be trusted: ${why}. Set sslmode and sslrootcert as its administrator says.`;
  }
  return null;
}

export function startMessage(error: unknown): string {
  const { code, port, address } = error as { code?: string; port?: number; address?: string };
  return code === 'EADDRINUSE' ? `Port ${port} on ${address} is taken.` : 'Daybook cannot start.';
}
