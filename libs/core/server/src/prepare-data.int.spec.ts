import {
  type EventStore,
  identifyLog,
  openEventStoreDb,
  openPostgresEventStore,
  requireLogFormat,
} from '@daybook/event-store';
import { type EventStoreDbDouble, startEventStoreDbDouble } from '@daybook/event-store/testing/eventstoredb-double';
import { metaFor } from '@daybook/event-store/testing/events';
import { eventStoreMigrations } from '@daybook/event-store/postgres/migrations';
import { newId, platformTenant } from '@daybook/kernel';
import { dataFormat, DataFormatError } from '@daybook/kernel/data-format';
import { migrate } from '@daybook/postgres';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import { databaseSnapshot, olderDatabase } from '@daybook/postgres/testing/older-database';
import { prepareData } from './prepare-data.js';

const step = { name: '2026-11-30-step', sql: 'create schema made' };
/** The identity event as each version writes it: 0.1 has no format. */
const identity = (version: number, data: object) => ({
  id: newId(),
  type: `platform.log-identified.v${version}`,
  data: { logId: newId(), copyOf: null, ...data },
  meta: metaFor(platformTenant),
});
const identityStream = `platform.log-${platformTenant}-identity`;
const outcomeOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => 'taken', (error: unknown) => error); // prettier-ignore

describe.each(['PostgreSQL', 'EventStoreDB'])('the format of a log in %s', (kind) => {
  let database: TestDatabase;
  let double: EventStoreDbDouble;
  let store: EventStore;
  beforeEach(async () => {
    if (kind === 'PostgreSQL') {
      database = await testDatabase(eventStoreMigrations);
      store = openPostgresEventStore({ url: database.projectorUrl });
    } else {
      double = await startEventStoreDbDouble();
      store = openEventStoreDb({ url: double.url });
    }
  });
  afterEach(async () => {
    await store.close();
    await (kind === 'PostgreSQL' ? database.drop() : double.stop());
  });
  const asked = () => outcomeOf(requireLogFormat(store, 'EVENTSTORE_URL'));
  const refused = (found: number) =>
    expect.objectContaining({ name: 'DataFormatError', place: 'EVENTSTORE_URL', found });

  it('is accepted for an empty log and for one that this version started, also while another process starts it', async () => {
    expect(await asked()).toBe('taken');
    expect(await Promise.all([identifyLog(store), asked(), asked(), identifyLog(store), asked()])).toEqual([
      expect.any(String),
      'taken',
      'taken',
      expect.any(String),
      'taken', // prettier-ignore
    ]);
  });

  it('is refused with the identity of Daybook 0.1 or of a newer version', async () => {
    await store.append(identityStream, 'none', [identity(1, {})]);
    expect(await asked()).toEqual(refused(1));
    await store.append(identityStream, 0, [identity(3, { format: dataFormat + 1, more: true })]);
    expect(await asked()).toEqual(refused(dataFormat + 1));
  });

  it('is refused when there are events but no identity', async () => {
    await store.append(`spec.note-${platformTenant}-1`, 'none', [{ ...identity(1, {}), type: 'spec.note.v1' }]);
    expect(await asked()).toEqual(refused(1));
  });
});

describe('preparing the data', () => {
  let events: EventStoreDbDouble;
  beforeEach(async () => void (events = await startEventStoreDbDouble()));
  afterEach(() => events.stop());
  const places = ({ adminUrl, secret }: TestDatabase) => ({
    databaseUrl: adminUrl,
    eventStoreUrl: events.url,
    secret: `${secret}, changed`,
  });

  it('changes nothing in the database when the event store is of Daybook 0.1', async () => {
    const store = openEventStoreDb({ url: events.url });
    await store.append(identityStream, 'none', [identity(1, {})]);
    const database = await testDatabase([]);
    const before = await databaseSnapshot(database.adminUrl);
    const outcome = await outcomeOf(prepareData(places(database), [step]));
    expect(outcome).toBeInstanceOf(DataFormatError);
    expect(outcome).toMatchObject({ place: 'EVENTSTORE_URL', found: 1 });
    expect(await databaseSnapshot(database.adminUrl)).toBe(before);
    await store.close();
    await database.drop();
  });

  it('changes nothing in the event store when the database is of Daybook 0.1', async () => {
    const database = await olderDatabase();
    const before = await databaseSnapshot(database.adminUrl);
    const outcome = await outcomeOf(prepareData(places(database), [step]));
    expect(outcome).toMatchObject({ name: 'DataFormatError', place: 'DATABASE_URL', found: 1 });
    expect(await databaseSnapshot(database.adminUrl)).toBe(before);
    const store = openEventStoreDb({ url: events.url });
    expect(await store.head()).toBe(0n);
    await store.close();
    await database.drop();
  });

  it('migrates when both are of this version', async () => {
    const database = await testDatabase([]);
    // The secret of the test server, since all specs share its roles.
    await prepareData({ ...places(database), secret: database.secret }, [step]);
    await migrate(database.adminUrl, database.secret, [step]);
    await database.drop();
  });
});
