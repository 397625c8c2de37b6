import { type EventStore, openPostgresEventStore, type StoredEvent } from '@daybook/event-store';
import { newId } from '@daybook/kernel';
import { connectTo, createPool } from '@daybook/postgres';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import { everyEvent, faultsOfReadModels } from './books.js';
import { until } from './held-commits.js';
import { openProgram, type Parts, programMigrations, soundParts } from './program.js';

/* The log is restored from an older backup: the checkpoints of the read models are ahead of it. */
const tenant = newId();
const lost = 8;
const depositOf = (amount: number) => ({ tenant, accountId: 'one', depositId: newId(), amount });

/** Believes a copy of the log where the log has nothing any more. */
const believesCopy =
  (copy: readonly StoredEvent[]) =>
  (store: EventStore): EventStore => ({
    ...store,
    readStream: async function* (stream, options = {}) {
      let isEmpty = true;
      for await (const event of store.readStream(stream, options)) {
        isEmpty = false;
        yield event;
      }
      const { from = 0 } = options;
      if (isEmpty && from > 0) yield* copy.filter((event) => event.stream === stream && event.revision === from);
    },
  });

describe('a log that was restored from an older backup', () => {
  let database: TestDatabase;
  let copy: StoredEvent[];
  beforeEach(async () => {
    database = await testDatabase(programMigrations);
    const program = await openProgram(database.projectorUrl);
    for (let amount = 1; amount <= 6; amount++) await program.deposit(depositOf(amount));
    await until(() => program.isIdle());
    copy = await everyEvent(program.store);
    await program.stop();
    const admin = await connectTo(database.adminUrl, { application: 'restore' });
    await admin.query('delete from store.events where position > $1', [String(copy.length - lost)]);
    await admin.end();
  });
  afterEach(() => database.drop());

  /** What a program says until then, and how its read models differ from the log before and after. */
  async function restarted(parts: Parts, isEnough: (said: readonly string[]) => boolean) {
    const said: string[] = [];
    const program = await openProgram(database.projectorUrl, {
      parts,
      log: (what, error) => void said.push(`${what}: ${String(error)}`),
    });
    const store = openPostgresEventStore({ url: database.projectorUrl, maxConnections: 1 });
    const pool = createPool(database.projectorUrl, { max: 1, application: 'restore' });
    try {
      // More than was lost, so that the log is longer than the checkpoint again.
      for (let more = 0; more <= lost; more++) await program.deposit(depositOf(100));
      await until(async () => isEnough(said));
      return { said, againstCopy: await faultsOfReadModels(pool, copy), againstLog: await faultsOfReadModels(pool, await everyEvent(store)) }; // prettier-ignore
    } finally {
      await program.stop();
      await Promise.all([pool.end(), store.close()]);
    }
  }

  it('is refused with words that say what to do, and nothing of it is applied', async () => {
    const { said, againstCopy } = await restarted(soundParts, (all) => all.length > 0);
    expect(said[0]).toMatch(
      /^projections\.refused: The event log was restored to an earlier state.*daybook projections rebuild/,
    );
    expect(againstCopy).toEqual([]);
  });

  it('is noticed where a store goes on believing a copy: what was recorded since is never applied', async () => {
    const parts = { ...soundParts, store: believesCopy(copy) };
    const { said, againstLog } = await restarted(parts, () => true);
    expect(said).toEqual([]);
    expect(againstLog).toContainEqual(expect.stringMatching(/a read model (has|lacks)/));
  });
});
