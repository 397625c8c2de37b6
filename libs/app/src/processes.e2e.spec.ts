import { setTimeout as sleep } from 'node:timers/promises';
import { isRejection, newId, type RecordedEvent, streamName } from '@daybook/kernel';
import type { Caller } from '@daybook/server';
import { listProjections, retryProjection } from '@daybook/server/platform/platform.operations';
import { startApp, type TestApp, type TestClient, testTenants } from '@daybook/testing/app';
import { parcels, printer, receiveParcel, sendParcel } from '@daybook/testing/parcels';

/* How a process of a context acts in the whole product: over Nest's bus, for a person, in time, and seen on the System page. */
const tenant = testTenants.north;
const weekMs = 7 * 24 * 3600 * 1000;

describe('a process of a context', () => {
  let app: TestApp;
  let admin: TestClient;
  beforeAll(async () => {
    app = await startApp({ contexts: [parcels] });
    admin = await app.client('Admin');
  });
  afterAll(() => app.close());

  const ingrid: Caller = {
    tenant,
    actor: { kind: 'person', id: newId() },
    channel: 'rest',
    address: null,
    correlationId: newId(),
    reason: 'They asked for it',
  };
  const sent = async (note: string, caller = ingrid): Promise<string> => {
    const parcelId = newId();
    const outcome = await app.api.jobCommands.execute(sendParcel, { parcelId, note }, caller, parcelId);
    if (isRejection(outcome)) throw new Error(outcome.message);
    await app.settle();
    return parcelId;
  };
  const eventsOf = async (parcelId: string): Promise<RecordedEvent[]> => {
    const events: RecordedEvent[] = [];
    for await (const stored of app.api.store.readStream(streamName('parcels.parcel', tenant, parcelId))) {
      events.push(await app.api.catalogue.fromStore(stored));
    }
    return events;
  };
  const typesOf = async (parcelId: string) => (await eventsOf(parcelId)).map(({ type }) => type.split('.').at(-1));
  /** Rounds enough for any machine. */
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    for (let round = 0; !(await isSo()) && round < 2_000; round++) await sleep(20);
  };
  const shown = async (client = admin) =>
    (await client.ask(listProjections, {})).items.find(({ name }) => name === 'parcels.shipping');

  it('acts as itself, for the person whose act began it, as a part of what they did', async () => {
    const [sending, labelled] = (await eventsOf(await sent('Books'))) as [RecordedEvent, RecordedEvent];
    expect(labelled.meta).toMatchObject({
      actor: { kind: 'process', id: 'parcels.shipping' },
      onBehalfOf: ingrid.actor,
      correlationId: ingrid.correlationId,
      causationId: sending.meta.commandId,
      channel: 'system',
      reason: 'They asked for it',
    });
  });

  it('acts for the one whose rights a delegate used', async () => {
    const helped = { kind: 'person', id: newId() } as const;
    const [, labelled] = await eventsOf(await sent('Books', { ...ingrid, onBehalfOf: helped }));
    expect(labelled?.meta.onBehalfOf).toEqual(helped);
  });

  it('is shown beside the read models, parked for the tenant alone when a command is not valid, and retried', async () => {
    expect(await shown()).toMatchObject({ kind: 'process', state: 'live', parked: null, behind: { events: '0' } });
    printer.empty = true;
    const parcelId = await sent('Books');
    expect(await shown()).toMatchObject({
      state: 'live',
      parked: {
        type: 'parcels.parcel-sent.v1',
        error: 'label: parcels.printer-empty (The printer is empty.)',
        tries: 1,
      },
    });
    expect(await shown(await app.client('Admin', 'south'))).toMatchObject({ parked: null });
    printer.empty = false;
    expect(await admin.execute(retryProjection, { name: 'parcels.shipping' })).toEqual({ name: 'parcels.shipping' });
    await until(async () => (await shown())?.parked === null);
    expect(await typesOf(parcelId)).toEqual(['parcel-sent', 'parcel-labelled']);
  });

  it('validates what it sends, and parks where that is wrong', async () => {
    const [before] = await app.work.engine
      .status()
      .then((all) => all.filter(({ name }) => name === 'parcels.shipping'));
    expect(before?.parked).toEqual([]);
    await sent('A note that no label has room for', { ...ingrid, tenant: testTenants.south });
    const south = await app.client('Admin', 'south');
    expect((await shown(south))?.parked?.error).toMatch(/^label: platform.invalid-input/);
  });

  it('is told when a week is over, unless what it waited for has come', async () => {
    await app.clock.freeze(async () => {
      const [lost, arrived] = [await sent('Lost'), await sent('Arrived')];
      const outcome = await app.api.jobCommands.execute(
        receiveParcel,
        { parcelId: arrived, note: '' },
        ingrid,
        arrived,
      );
      expect(isRejection(outcome)).toBe(false);
      app.clock.advance(weekMs - 3_600_000);
      await app.settle();
      expect(await typesOf(lost)).toEqual(['parcel-sent', 'parcel-labelled']);
      app.clock.advance(3_600_000 + 60_000);
      await until(async () => (await typesOf(lost)).length === 3);
      expect(await typesOf(lost)).toEqual(['parcel-sent', 'parcel-labelled', 'parcel-reminded']);
      expect(await typesOf(arrived)).toEqual(['parcel-sent', 'parcel-labelled', 'parcel-arrived']);
      const [, , reminded] = await eventsOf(lost);
      expect(reminded?.meta).toMatchObject({ actor: { kind: 'process' }, onBehalfOf: ingrid.actor, correlationId: ingrid.correlationId }); // prettier-ignore
    });
  });

  it('sends nothing when its state is rebuilt', async () => {
    const head = await app.api.store.head();
    await app.work.engine.rebuild('parcels.shipping');
    await until(async () => (await shown())?.state === 'live');
    await app.settle();
    expect(await shown()).toMatchObject({ state: 'live', generation: 2, behind: { events: '0' } });
    expect(await app.api.store.head()).toBe(head);
  });
});
