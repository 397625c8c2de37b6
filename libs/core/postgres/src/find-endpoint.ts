import pg from 'pg';
import { isOutage, NoHostError, markDatabaseError } from './outage.js';
import type { DatabaseUrl, Host } from './database-url.js';
import type { Tls } from './tls.js';

/** Where a connection goes, and whether it is encrypted there. */
export interface Endpoint extends Host {
  readonly encrypted: boolean;
}

/** For each address, the host that was used last; it is tried first. */
const served = new Map<string, number>();
const noTls = 'The server does not support SSL connections';

/** Nothing to try: there is one host, any kind of session is accepted, and TLS is fixed. */
export const isFixedEndpoint = ({ hosts, parameters }: DatabaseUrl, tls: Tls): boolean =>
  hosts.length === 1 && (parameters.get('target_session_attrs') ?? 'any') === 'any' && tls.use !== 'if-offered';

/**
 * Tries the hosts one after another, as libpq does, until one answers and meets `target_session_attrs`. A refusal (wrong
 * password, invalid certificate) ends the search: another host would refuse too.
 */
export async function findEndpoint(url: DatabaseUrl, tls: Tls, config: pg.ClientConfig): Promise<Endpoint> {
  const wanted = url.parameters.get('target_session_attrs') ?? 'any';
  const key = url.hosts.map(({ host, port }) => `${host}:${port}`).join(',');
  const order = orderOf(url, served.get(key) ?? 0);
  const failures: unknown[] = [];
  const asked = wanted === 'prefer-standby' ? ['standby', 'any'] : [wanted];
  for (const one of asked) {
    for (const index of order) {
      try {
        const place = await probe({ ...url.hosts[index]!, encrypted: tls.use !== 'never' }, one, tls, config);
        if (!place) continue;
        served.set(key, index);
        return place;
      } catch (error) {
        if (!isOutage(error)) throw error;
        failures.push(error);
      }
    }
  }
  throw new NoHostError(wanted, failures);
}

function orderOf({ hosts, parameters }: DatabaseUrl, first: number): number[] {
  const all = hosts.map((_, index) => index);
  if (parameters.get('load_balance_hosts') === 'random') {
    return all.map((index) => ({ index, by: Math.random() })).sort((a, b) => a.by - b.by).map(({ index }) => index); // prettier-ignore
  }
  return [...all.slice(first), ...all.slice(0, first)];
}

async function probe(place: Endpoint, wanted: string, tls: Tls, config: pg.ClientConfig): Promise<Endpoint | null> {
  const { host, port, encrypted } = place;
  const client = new pg.Client({ ...config, host, port, ...(encrypted ? {} : { ssl: false }) });
  client.on('error', () => undefined);
  try {
    await client.connect();
    if (wanted === 'any') return place;
    const { rows } = await client.query<{ standby: boolean; reads: boolean }>(
      `select pg_is_in_recovery() as standby, current_setting('transaction_read_only')::boolean as reads`,
    );
    return suits(wanted, rows[0]!) ? place : null;
  } catch (error) {
    const refused = (error as Error).message === noTls;
    if (refused && encrypted && tls.use === 'if-offered') return probe({ host, port, encrypted: false }, wanted, tls, config); // prettier-ignore
    throw markDatabaseError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function suits(wanted: string, { standby, reads }: { standby: boolean; reads: boolean }): boolean {
  if (wanted === 'read-write') return !standby && !reads;
  if (wanted === 'read-only') return standby || reads;
  return wanted === 'primary' ? !standby : standby;
}
