import { openEventStore } from './open-event-store.js';
import { noteFor } from './testing/events.js';
import { startEventStoreDbDouble } from './testing/eventstoredb-double.js';

describe('opening the event store', () => {
  const postgres = { url: 'postgresql://nobody@127.0.0.1:1/none' };
  const tenant = '0197a000-0000-7000-8000-000000000001';
  const stream = `spec.note-${tenant}-1`;

  it('uses EventStoreDB when EVENTSTORE_URL is set', async () => {
    const double = await startEventStoreDbDouble();
    const store = openEventStore({ eventStoreUrl: double.url, postgres });
    expect(await store.append(stream, 'none', [noteFor(tenant)])).toMatchObject({ kind: 'appended' });
    expect(double.log.stream(stream)).toHaveLength(1);
    await store.close();
    await double.stop();
  });

  it('uses PostgreSQL otherwise', async () => {
    const store = openEventStore({ postgres });
    await expect(store.head()).rejects.toThrow('DATABASE_URL');
    await store.close();
  });
});
