/*
 * DATABASE_URL as libpq reads it (PostgreSQL documentation, "Connection URIs"): several hosts, parameters after the
 * database's name. The driver's own parser supports one host only, and ignores most parameters.
 */
export interface Host {
  readonly host: string;
  readonly port: number;
}
export interface DatabaseUrl {
  readonly hosts: readonly Host[];
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** `expected` says what is valid; the given text is never repeated, since it may be a password. */
export class DatabaseUrlError extends Error {
  override readonly name = 'DatabaseUrlError';
  constructor(readonly expected: string) {
    super(`DATABASE_URL is wrong: expected ${expected}.`);
  }
}

const values: Readonly<Record<string, readonly string[]>> = {
  sslmode: ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'],
  sslnegotiation: ['postgres', 'direct'],
  target_session_attrs: ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'],
  load_balance_hosts: ['disable', 'random'],
  channel_binding: ['disable', 'prefer'],
};
/** Supported parameters. */
const used = [
  'host',
  'port',
  'user',
  'password',
  'dbname',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslpassword',
  'sslcrl',
];
const alsoUsed = ['connect_timeout', 'options', 'ssl'];
/** Parameters of libpq or the driver that are ignored: the program sets its own, or does not need them. */
const ignored = [
  ...['application_name', 'fallback_application_name', 'client_encoding', 'gssencmode', 'sslsni', 'uselibpqcompat'],
  ...['keepalives', 'keepalives_idle', 'keepalives_interval', 'keepalives_count', 'tcp_user_timeout', 'passfile'],
];
const known: ReadonlySet<string> = new Set([...Object.keys(values), ...used, ...alsoUsed, ...ignored]);

const form = /^postgres(?:ql)?:\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/;

export function parseDatabaseUrl(text: string): DatabaseUrl {
  const parts = form.exec(text.trim());
  if (!parts) throw new DatabaseUrlError('an address that starts with postgres:// or postgresql://');
  const [, login = '', authority = '', path = '', query = ''] = parts;
  const parameters = parametersOf(query);
  const colon = login.indexOf(':');
  const host = parameters.get('host');
  const port = parameters.get('port');
  return {
    hosts: host === undefined && port === undefined ? hostsOf(authority) : hostsGiven(host ?? '', port ?? ''),
    user: parameters.get('user') ?? decoded(colon < 0 ? login : login.slice(0, colon)),
    password: parameters.get('password') ?? (colon < 0 ? '' : decoded(login.slice(colon + 1))),
    database: parameters.get('dbname') ?? decoded(path),
    parameters,
  };
}

/** The same URL for another login, in a form that `parseDatabaseUrl` reads. */
export function formatDatabaseUrl({ hosts, user, password, database, parameters }: DatabaseUrl): string {
  const named = new Map(parameters);
  for (const name of ['host', 'port', 'user', 'password', 'dbname']) named.delete(name);
  const sockets = hosts.some(({ host }) => host.startsWith('/'));
  if (sockets) {
    named.set('host', hosts.map(({ host }) => host).join(','));
    named.set('port', hosts.map((one) => one.port).join(','));
  }
  const at = hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : encodeURIComponent(host)}:${port}`);
  const login = `${encodeURIComponent(user)}${password === '' ? '' : `:${encodeURIComponent(password)}`}`;
  const query = [...named].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return `postgresql://${login === '' ? '' : `${login}@`}${sockets ? '' : at.join(',')}/${encodeURIComponent(database)}${
    query === '' ? '' : `?${query}`
  }`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new DatabaseUrlError('an address whose % signs stand before two hexadecimal digits (a percent sign is %25)');
  }
}

function parametersOf(query: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.split('&').filter((one) => one !== '')) {
    const equals = pair.indexOf('=');
    const name = decoded(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : decoded(pair.slice(equals + 1));
    if (!known.has(name)) {
      // Repeated only if it looks like a parameter name: it may be part of a password that was not encoded.
      throw new DatabaseUrlError(`no parameter ${/^[a-z_]{1,40}$/.test(name) ? name : 'of that name'}`);
    }
    if (name === 'channel_binding' && value === 'require') {
      // The driver uses channel binding where the server offers it, but cannot require it.
      throw new DatabaseUrlError(
        'sslmode=verify-full instead of channel_binding=require, which cannot be enforced here',
      );
    }
    const allowed = values[name];
    if (allowed && !allowed.includes(value)) throw new DatabaseUrlError(`${name} to be one of ${allowed.join(', ')}`);
    parameters.set(name, value);
  }
  const seconds = parameters.get('connect_timeout');
  if (seconds !== undefined && !/^\d{1,5}$/.test(seconds)) throw new DatabaseUrlError('connect_timeout in seconds');
  return parameters;
}

const defaultHost = (): string => process.env['PGHOST'] || 'localhost';
const defaultPort = (): string => process.env['PGPORT'] || '5432';

function hostsOf(authority: string): Host[] {
  return authority.split(',').map((one) => {
    const parts = /^(?:\[([0-9A-Fa-f:.%]+)\]|([^:[\]]*))(?::(\d*))?$/.exec(one);
    if (!parts) throw new DatabaseUrlError('hosts as host:port, several of them with commas between');
    return { host: decoded(parts[1] ?? parts[2] ?? '') || defaultHost(), port: portOf(parts[3] ?? '') };
  });
}

/** From `host=` and `port=`: one port for all hosts, or one each. */
function hostsGiven(host: string, port: string): Host[] {
  const hosts = host.split(',');
  const ports = port.split(',');
  if (ports.length !== 1 && ports.length !== hosts.length) throw new DatabaseUrlError('as many ports as hosts');
  return hosts.map((one, i) => ({ host: one || defaultHost(), port: portOf(ports[i] ?? ports[0] ?? '') }));
}

function portOf(text: string): number {
  const port = Number(text || defaultPort());
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new DatabaseUrlError('ports from 1 to 65535');
  return port;
}
