import type { NodePreference } from '@eventstore/db-client';

/*
 * EVENTSTORE_URL in the format of EventStoreDB's own clients: esdb://user:password@host:2113,host:2113?tls=true, or
 * esdb+discover:// for a DNS name that resolves to any node. Parsed here, because the Node client supports no IPv6 addresses,
 * truncates passwords at a colon, and prints the whole text, password included, when it does not know an option.
 */
export interface EventStoreAddress {
  readonly hosts: readonly { readonly address: string; readonly port: number }[];
  /** The host is the DNS name of a cluster. */
  readonly discover: boolean;
  readonly user: { readonly username: string; readonly password: string } | null;
  readonly tls: boolean;
  /** Paths of PEM files. */
  readonly tlsCAFile?: string;
  readonly userCertFile?: string;
  readonly userKeyFile?: string;
  readonly connectionName?: string;
  readonly nodePreference?: NodePreference;
  readonly maxDiscoverAttempts?: number;
  readonly discoveryInterval?: number;
  readonly gossipTimeout?: number;
  readonly keepAliveInterval?: number;
  readonly keepAliveTimeout?: number;
}

/** The text is not a valid address. The message says what is expected, and does not repeat the text. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

const defaultPort = 2113;
const preferences = ['leader', 'follower', 'read_only_replica', 'random'] as const;
const flat = (text: string): string => text.trim().toLowerCase().replace(/[_-]/g, '');

export function parseEventStoreUrl(text: string): EventStoreAddress {
  const [, scheme, rest] = /^(esdb|esdb\+discover):\/\/(.*)$/s.exec(text.trim()) ?? [];
  if (scheme === undefined || rest === undefined) {
    throw new AddressError('an address that starts with esdb:// or esdb+discover://');
  }
  const [authority = '', ...options] = rest.split('?');
  // A password may hold an @; a host may not.
  const at = authority.lastIndexOf('@');
  return {
    discover: scheme === 'esdb+discover',
    user: at < 0 ? null : userOf(authority.slice(0, at)),
    hosts: authority
      .slice(at + 1)
      .replace(/\/+$/, '')
      .split(',')
      .map(hostOf),
    tls: true,
    ...optionsOf(options.join('?')),
  };
}

function userOf(text: string): EventStoreAddress['user'] {
  const colon = text.indexOf(':');
  try {
    if (colon > 0) {
      const [username, password] = [text.slice(0, colon), text.slice(colon + 1)].map(decodeURIComponent);
      if (password) return { username: username!, password };
    }
  } catch {
    // A single % is not an encoding.
  }
  throw new AddressError('user:password before the @, with % and @ in them percent-encoded');
}

function hostOf(text: string): EventStoreAddress['hosts'][number] {
  const [, address, port] = /^(\[[0-9a-fA-F:.%]+\]|[A-Za-z0-9._-]+)(?::(\d+))?$/.exec(text.trim()) ?? [];
  const number = port === undefined ? defaultPort : Number(port);
  if (address === undefined || number < 1 || number > 65_535) {
    throw new AddressError('hosts as host:2113, separated by commas; an IPv6 address stands in brackets');
  }
  return { address, port: number };
}

/** Like the clients, ignoring case, dashes and underscores; options that only other clients know are dropped. */
function optionsOf(text: string): Partial<EventStoreAddress> {
  const known: Record<string, (value: string) => Partial<EventStoreAddress>> = {
    tls: (value) => ({ tls: truth('tls', value) }),
    tlscafile: (tlsCAFile) => ({ tlsCAFile }),
    usercertfile: (userCertFile) => ({ userCertFile }),
    userkeyfile: (userKeyFile) => ({ userKeyFile }),
    connectionname: (connectionName) => ({ connectionName }),
    nodepreference: (value) => ({ nodePreference: preference(value) }),
    maxdiscoverattempts: (value) => ({ maxDiscoverAttempts: whole('maxDiscoverAttempts', value) }),
    discoveryinterval: (value) => ({ discoveryInterval: whole('discoveryInterval', value) }),
    gossiptimeout: (value) => ({ gossipTimeout: whole('gossipTimeout', value) }),
    keepaliveinterval: (value) => ({ keepAliveInterval: whole('keepAliveInterval', value) }),
    keepalivetimeout: (value) => ({ keepAliveTimeout: whole('keepAliveTimeout', value) }),
  };
  const options: Partial<EventStoreAddress>[] = [];
  for (const pair of text.split('&').filter(Boolean)) {
    const [name = '', ...value] = pair.split('=');
    if (value.length === 0) throw new AddressError('options as ?name=value&name=value');
    options.push(known[flat(name)]?.(decoded(value.join('='))) ?? {});
  }
  return Object.assign({}, ...options) as Partial<EventStoreAddress>;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value).trim();
  } catch {
    throw new AddressError('options whose values are percent-encoded');
  }
}

function truth(name: string, value: string): boolean {
  if (value !== 'true' && value !== 'false') throw new AddressError(`true or false for its option ${name}`);
  return value === 'true';
}

function whole(name: string, value: string): number {
  if (!/^-?\d{1,9}$/.test(value)) throw new AddressError(`a whole number for its option ${name}`);
  return Number(value);
}

function preference(value: string): NodePreference {
  const found = preferences.find((one) => flat(one) === flat(value));
  if (!found) throw new AddressError(`${preferences.join(', ')} for its option nodePreference`);
  return found;
}

/** For messages: the hosts, never the user. */
export const shownHosts = ({ hosts }: Pick<EventStoreAddress, 'hosts'>): string =>
  hosts.map(({ address, port }) => `${address}:${port}`).join(', ');
