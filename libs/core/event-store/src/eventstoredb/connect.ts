import { readFileSync } from 'node:fs';
import { EventStoreDBClient } from '@eventstore/db-client';
import { answerWithinMs, StoreUnavailable } from '../store-unavailable.js';
import type { EventStoreAddress } from './address.js';

/**
 * The client makes a separate call for each append. Its batch appends have no deadline while a server does not respond, and when
 * a connection ends with several of them waiting, they cause unhandled rejections, which end the process.
 */
class SingleAppends extends EventStoreDBClient {
  protected override supports = async (): Promise<boolean> => false;
}

/** A client for the address; throws StoreUnavailable for a certificate or key file that cannot be read. */
export function connectTo(address: EventStoreAddress): EventStoreDBClient {
  const { hosts, discover, user, tls, tlsCAFile, userCertFile, userKeyFile, ...options } = address;
  const settings = { keepAliveTimeout: answerWithinMs, connectionName: 'daybook', ...options };
  const credentials = {
    insecure: !tls,
    ...(tls && tlsCAFile !== undefined ? { rootCertificate: pem('tlsCAFile', tlsCAFile) } : {}),
    ...(tls && userCertFile !== undefined ? { userCertFile: pem('userCertFile', userCertFile) } : {}),
    ...(tls && userKeyFile !== undefined ? { userKeyFile: pem('userKeyFile', userKeyFile) } : {}),
  };
  const [first] = hosts;
  if (discover) return new SingleAppends({ ...settings, discover: first! }, credentials, user ?? undefined);
  if (hosts.length > 1)
    return new SingleAppends({ ...settings, endpoints: [...hosts] }, credentials, user ?? undefined);
  return new SingleAppends({ ...settings, endpoint: first! }, credentials, user ?? undefined);
}

function pem(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const message = `The option ${option} of EVENTSTORE_URL names a file that cannot be read: ${path}.`;
    throw new StoreUnavailable('denied', message, { cause });
  }
}
