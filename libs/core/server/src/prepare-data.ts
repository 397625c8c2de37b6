import { openEventStoreDb, requireLogFormat } from '@daybook/event-store';
import { migrate, type SqlMigration } from '@daybook/postgres';
import type { Config } from './config.js';

type Places = Pick<Config, 'databaseUrl' | 'eventStoreUrl' | 'secret'>;

/**
 * What every program does first: refuses data of another version (DataFormatError) before anything is changed in either
 * place, then migrates.
 */
export async function prepareData({ databaseUrl, eventStoreUrl, secret }: Places, migrations: readonly SqlMigration[]) {
  if (eventStoreUrl !== null) await requireEventStore(eventStoreUrl);
  await migrate(databaseUrl, secret, migrations);
}

/** Throws when the event store does not respond (StoreUnavailable) or has a log of another version. Changes nothing. */
export async function requireEventStore(url: string): Promise<void> {
  const store = openEventStoreDb({ url });
  try {
    await requireLogFormat(store, 'EVENTSTORE_URL');
  } finally {
    await store.close();
  }
}
