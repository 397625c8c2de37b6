import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { type DatabaseUrl, DatabaseUrlError } from './database-url.js';

/** How a connection is protected: not at all; if the server offers it (against eavesdropping only); or always. */
export type Tls =
  | { readonly use: 'never' }
  | { readonly use: 'if-offered' | 'always'; readonly options: ConnectionOptions; readonly direct: boolean };

/**
 * `sslmode` and related parameters, as in libpq: `require` encrypts and, without `sslrootcert`, does not verify the server;
 * `verify-ca` verifies its certificate by the given authority; `verify-full` also checks the host name. Without `sslrootcert`,
 * `verify-full` trusts the authorities that Node trusts (libpq's `sslrootcert=system`). Without `sslmode` there is no TLS.
 */
export function tlsOf({ parameters }: Pick<DatabaseUrl, 'parameters'>, env = process.env): Tls {
  const given = parameters.get('sslmode') ?? fromSsl(parameters.get('ssl')) ?? env['PGSSLMODE'];
  const root = parameters.get('sslrootcert') ?? env['PGSSLROOTCERT'];
  const direct = parameters.get('sslnegotiation') === 'direct';
  const mode = given ?? (direct || root !== undefined ? 'verify-full' : 'disable');
  if (mode === 'disable') return { use: 'never' };
  const ca = root === undefined || root === 'system' ? undefined : fileOf(root, 'sslrootcert');
  if (mode === 'verify-ca' && ca === undefined) throw new DatabaseUrlError('sslrootcert with sslmode=verify-ca');
  if (root === 'system' && mode !== 'verify-full') {
    throw new DatabaseUrlError('sslmode=verify-full with sslrootcert=system');
  }
  const own = {
    ...file(parameters, 'sslcert', 'cert'),
    ...file(parameters, 'sslkey', 'key'),
    ...file(parameters, 'sslcrl', 'crl'),
    ...(parameters.has('sslpassword') ? { passphrase: parameters.get('sslpassword')! } : {}),
  };
  const base = { ...own, ...(ca === undefined ? {} : { ca }) };
  const anyName = { ...base, checkServerIdentity: () => undefined };
  switch (mode) {
    case 'verify-full':
      return { use: 'always', options: base, direct };
    case 'verify-ca':
      return { use: 'always', options: anyName, direct };
    case 'require':
      // As in libpq: with an authority given, `require` verifies by it.
      return { use: 'always', options: ca === undefined ? { ...own, rejectUnauthorized: false } : anyName, direct };
    case 'no-verify':
      return { use: 'always', options: { ...own, rejectUnauthorized: false }, direct };
    case 'allow':
    case 'prefer':
      return { use: 'if-offered', options: { ...own, rejectUnauthorized: false }, direct: false };
    default:
      throw new DatabaseUrlError('a known sslmode in PGSSLMODE');
  }
}

/** The driver's short form. */
const fromSsl = (ssl: string | undefined): string | undefined =>
  ssl === undefined
    ? undefined
    : ({ true: 'verify-full', '1': 'verify-full', 'no-verify': 'no-verify', false: 'disable', '0': 'disable' }[ssl] ??
      'verify-full');

const file = (parameters: ReadonlyMap<string, string>, name: string, as: string): Record<string, string> => {
  const path = parameters.get(name);
  return path === undefined ? {} : { [as]: fileOf(path, name) };
};

function fileOf(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new DatabaseUrlError(`a file that can be read in ${name}`);
  }
}
