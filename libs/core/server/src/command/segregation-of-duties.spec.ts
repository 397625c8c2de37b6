import {
  act,
  aggregate,
  change,
  changed,
  commandIdOf,
  create,
  created,
  eventOf,
  face,
  field,
  isRejection,
  newId,
  record,
  type RecordCommand,
  type Rejection,
} from '@daybook/kernel';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller, OperationContext } from '../binding.js';
import type { EffectiveGrant, Holder, People } from '../dispatch/access.js';
import { Bindings } from '../dispatch/bindings.js';
import { bound, contextOf } from '../record-context.js';
import { MemoryStore, plainCatalogue } from '../testing/memory-store.js';
import { CommandExecutor, newIdOf } from './command-executor.js';

/* Payments, which one person prepares and another releases. */
const payment = record('bank.payment', {
  one: 'payment', many: 'payments', icon: 'box', calledBy: 'to',
  fields: { to: field.text('To'), mark: field.text('Mark', { given: true }), status: field.status('Status', { open: null, released: { label: 'Released' } }) },
}); // prettier-ignore
const prepare = create(payment);
const correct = change(payment, { ifMatch: 'optional' });
const release = act(payment, 'release', { says: 'released', when: { status: 'open' }, notBy: 'contributor' });
const print = act(payment, 'print', { says: 'printed', notBy: 'creator' });
const stop = act(payment, 'stop', { says: 'stopped' });
const finish = act(payment, 'finish', { says: 'finished', notBy: 'creator' });
const events = [
  created(payment),
  changed(payment),
  eventOf(payment, 'released', { sets: { status: 'released' } }),
  eventOf(payment, 'printed', { sets: { mark: 'printed' } }),
  eventOf(payment, 'stopped', { sets: { mark: 'stopped' } }),
] as const;
const payments = bound(
  aggregate(payment, {
    commands: [prepare, correct, release, print, stop, finish],
    events,
    rules: {
      create: events[0].of,
      change: events[1].of,
      release: events[2].of,
      print: events[3].of,
      stop: events[4].of,
      finish: (input) => [events[3].of(input), events[4].of(input)],
    },
  }),
);
const bank = contextOf(face('bank', { title: 'Bank', icon: 'box', records: [payment] }), [payments]);

const tenant = newId();
const ada: Caller = {
  tenant,
  actor: { kind: 'person', id: 'ada' },
  incompatible: new Map(),
  channel: 'rest',
  address: null,
  correlationId: 'trace',
  reason: null,
};
const of = (id: string, more: Partial<Caller> = {}): Caller => ({ ...ada, actor: { kind: 'person', id }, ...more });
const bob = of('bob');
const grant = (role: string): EffectiveGrant => ({
  role,
  companyId: null,
  party: null,
  permissions: new Set([release.name, stop.name]),
  fields: {},
});
const holders: Holder[] = ['ada', 'bob', 'cyd'].map((personId) => ({ personId, grants: [grant('payer')] }));

function bankOn(store: MemoryStore, people: Partial<People> = {}) {
  const read: string[] = [];
  const executor = new CommandExecutor({
    store,
    catalogue: plainCatalogue(events),
    context: {
      events: {
        stream: async function* (stream, options) {
          const { fromStore } = plainCatalogue(events);
          read.push(stream);
          for await (const stored of store.readStream(stream, options)) yield await fromStore(stored);
        },
      },
    } as Pick<OperationContext, 'events'> as OperationContext,
    people: {
      rightsOf: async () => null,
      holdersOf: async () => holders,
      rolesIn: async () => new Map([['payer', 'Payer']]),
      ...people,
    },
    operations: new Bindings([bank]),
    secret: 'a secret of more than thirty-two characters',
  });
  const call = (operation: RecordCommand, input: object, caller: Caller) => {
    const commandId = commandIdOf(tenant, caller.actor.id, operation.name, newId());
    const ids = { commandId, newId: newIdOf(commandId), causationId: null, expectedVersion: null };
    return { operation, input: input as Record<string, unknown>, caller, ...ids };
  };
  const send = (operation: unknown, input: object, caller: Caller) =>
    executor.execute(payments.binding, call(operation as RecordCommand, input, caller));
  return {
    read,
    send,
    rehearse: (operation: unknown, input: object, caller: Caller) =>
      executor.rehearse(payments.binding, call(operation as RecordCommand, input, caller)),
    prepared: async (caller: Caller): Promise<string> => {
      const made = await send(prepare, { to: 'The baker' }, caller);
      if (isRejection(made)) throw new Error(made.message);
      return made.id;
    },
  };
}
const refused = expect.objectContaining({ code: 'platform.sod-violated', status: 409 });

describe('segregation of duties', () => {
  it('refuses an operation to the contributors of a record, and says who may', async () => {
    const { prepared, send } = bankOn(new MemoryStore());
    const id = await prepared(ada);
    await send(correct, { id, to: 'The butcher' }, bob);
    const rejection = (await send(release, { id }, bob)) as Rejection;
    expect(rejection).toEqual(refused);
    expect(rejection.message).toMatch(
      /^On .* you did “Change a payment” on this record. “Release a payment” takes somebody who neither/,
    );
    expect(rejection.message).toContain('Ask somebody else who may do it: Payer.');
    expect(rejection.details).toMatchObject({
      record: { type: 'bank.payment', id },
      rule: { notBy: 'contributor' },
      earlier: [{ permission: correct.name }],
      who: ['cyd'],
    });
    expect(await send(release, { id }, ada)).toEqual(refused);
    expect(await send(release, { id }, of('cyd'))).toMatchObject({ version: 3 });
  });

  it('lets contributors do what only the creator may not', async () => {
    const { prepared, send } = bankOn(new MemoryStore());
    const id = await prepared(ada);
    await send(correct, { id, to: 'The butcher' }, bob);
    expect(await send(print, { id }, ada)).toEqual(refused);
    expect(await send(print, { id }, bob)).toMatchObject({ id });
  });

  it('refuses what a rule of the tenant keeps apart, on the same record only', async () => {
    const { prepared, send } = bankOn(new MemoryStore());
    const [own, other] = [await prepared(ada), await prepared(bob)];
    const incompatible = new Map([[stop.name, [prepare.name]]]);
    const rejection = (await send(stop, { id: own }, { ...ada, incompatible })) as Rejection;
    expect(rejection).toEqual(refused);
    expect(rejection.details).toMatchObject({ rule: { first: prepare.name, second: stop.name }, who: ['bob', 'cyd'] });
    expect(await send(stop, { id: other }, { ...ada, incompatible })).toMatchObject({ id: other });
    expect(await send(stop, { id: own }, ada)).toMatchObject({ id: own });
  });

  it('reads the past of a record once, whatever a command says of it', async () => {
    const { prepared, send, read } = bankOn(new MemoryStore());
    const id = await prepared(ada);
    expect(await send(finish, { id }, ada)).toEqual(refused);
    expect(read).toHaveLength(1);
    expect(await send(finish, { id }, bob)).toMatchObject({ version: 3 });
  });

  it('counts keys and delegates as the person they act for', async () => {
    const { prepared, send } = bankOn(new MemoryStore());
    const key: Caller = { ...ada, actor: { kind: 'api-key', id: 'key' }, onBehalfOf: ada.actor };
    for (const [first, second] of [
      [ada, key],
      [key, ada],
      [ada, { ...bob, onBehalfOf: ada.actor }],
      [{ ...bob, onBehalfOf: ada.actor }, ada],
      [{ ...bob, onBehalfOf: ada.actor }, bob],
      [ada, of('service', { actor: { kind: 'api-key', id: 'service' }, peers: ['ada'] })],
    ] as const) {
      expect(await send(release, { id: await prepared(first) }, second)).toEqual(refused);
    }
  });

  it('refuses a rehearsal too, so that no such command waits for approval', async () => {
    const { prepared, rehearse } = bankOn(new MemoryStore());
    const id = await prepared(ada);
    expect(await rehearse(release, { id }, ada)).toEqual(refused);
    expect(await rehearse(release, { id }, bob)).toBeNull();
  });

  it('asks for the rights of now when a job acts for a person, and for nobody where the product itself acts', async () => {
    const rights = { grants: [], incompatible: new Map([[stop.name, [prepare.name]]]), peers: [] };
    const { prepared, send } = bankOn(new MemoryStore(), { rightsOf: async () => rights });
    const id = await prepared(ada);
    const { incompatible: _, ...byJob } = ada;
    expect(await send(stop, { id }, byJob)).toEqual(refused);
    const process = { ...byJob, actor: { kind: 'process' as const, id: 'bank.closing' }, onBehalfOf: ada.actor };
    expect(await send(release, { id }, process)).toMatchObject({ id });
  });

  it('says so when nobody else may do it', async () => {
    const { prepared, send } = bankOn(new MemoryStore(), { holdersOf: async () => holders.slice(0, 1) });
    const rejection = (await send(release, { id: await prepared(ada) }, ada)) as Rejection;
    expect(rejection.message).toContain('Nobody else may do it now.');
  });

  it('sees what the same person does to the record in the same moment', async () => {
    const store = new MemoryStore();
    const bank = bankOn(store);
    const id = await bank.prepared(bob);
    const [corrected, released] = await Promise.all([
      bank.send(correct, { id, to: 'ada' }, ada),
      bank.send(release, { id }, ada),
    ]);
    expect([corrected, released].map((answer) => isRejection(answer))).toEqual([false, true]);
  });

  it('holds when two persons swap and several processes write at once', async () => {
    for (let round = 0; round < 20; round++) {
      const store = new MemoryStore(() => sleep(Math.random() * 2));
      const processes = [bankOn(store), bankOn(store)];
      const ids = [await processes[0]!.prepared(ada), await processes[1]!.prepared(bob)];
      await Promise.all(
        ids.flatMap((id) => [
          ...[ada, bob, of('cyd')].flatMap((caller, index) => [
            processes[index % 2]!.send(correct, { id, to: `${caller.actor.id} ${round}` }, caller),
            processes[(index + 1) % 2]!.send(release, { id }, caller),
          ]),
          // A person who did nothing before may do it, so that somebody does.
          processes[0]!.send(release, { id }, of('dan')),
        ]),
      );
      for (const id of ids) {
        const past = store.all.filter(({ meta }) => meta.record.id === id);
        const releasedAt = past.findIndex(({ type }) => type.startsWith('bank.payment-released'));
        const before = past.slice(0, releasedAt).map(({ meta }) => meta.actor.id);
        expect(releasedAt).toBeGreaterThan(0);
        expect(before).not.toContain(past[releasedAt]!.meta.actor.id);
      }
    }
  });
});
