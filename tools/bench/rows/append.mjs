/*
 * Appending to the log on PostgreSQL, through the port, against plain inserts of the same events. Events have 300 bytes of data and
 * the metadata of a command.
 */
import { openPostgresEventStore } from '@daybook/event-store/postgres/postgres-event-store';
import { connectTo } from '@daybook/postgres';
import { metaFor } from '@daybook/event-store/testing/events';
import { newId, streamName } from '@daybook/kernel';
import { against, byOwnClient, transactions } from '../against.mjs';
import { cpuOf, load } from '../measure.mjs';

const tenant = '01890000-0000-7000-8000-000000000001';
const data = { text: 'x'.repeat(290) };
const meta = metaFor(tenant);
const eventOf = () => ({ id: newId(), type: 'bench.note-written.v1', data, meta });
const newStream = () => streamName('bench.note', tenant, newId());

/** Appends of `events` events each, every one to a stream of its own. */
async function ours({ inFlight, events, projectorUrl, postmaster, seconds }) {
  const store = openPostgresEventStore({ url: projectorUrl });
  try {
    const once = async () => {
      const { kind } = await store.append(newStream(), 'none', Array.from({ length: events }, eventOf));
      if (kind !== 'appended') throw new Error(kind);
    };
    return await load({ inFlight, seconds, once, cpu: () => cpuOf(postmaster) });
  } finally {
    await store.close();
  }
}

const inserts = (clients) => (where) =>
  transactions({
    name: 'append-one',
    clients,
    values: { data, meta },
    ...where,
  });

async function batches({ url, ...where }) {
  const { setup, statement } = against('append-batch');
  const admin = await connectTo(url, { application: 'bench' });
  await admin.query(setup);
  await admin.end();
  const valuesOf = () => {
    const events = Array.from({ length: 100 }, eventOf);
    return [
      tenant,
      newStream(),
      events.map(({ id }) => id),
      events.map(({ type }) => type),
      events.map((event) => JSON.stringify(event.data)),
      events.map((event) => JSON.stringify(event.meta)),
    ];
  };
  return byOwnClient({ statement, clients: 1, url, valuesOf, ...where });
}

export const rows = [
  {
    name: 'append-64',
    title: 'Append, 64 in flight, 1 event each',
    measure: 'rate',
    unit: 'events/s',
    sides: { ours: (where) => ours({ inFlight: 64, events: 1, ...where }), against: inserts(64) },
    denominator: 'pgbench, INSERT and COMMIT, 64 clients (`append-one.sql`)',
    must: 1.3,
    aim: 1.8,
  },
  {
    name: 'append-1',
    title: 'Append, 1 in flight, 1 event, p50',
    measure: 'p50',
    unit: 'ms',
    sides: { ours: (where) => ours({ inFlight: 1, events: 1, ...where }), against: inserts(1) },
    denominator: 'pgbench, INSERT and COMMIT, 1 client (`append-one.sql`)',
    must: 2.0,
    aim: 1.5,
  },
  {
    name: 'append-batches',
    title: 'Append, 1 in flight, 100 events each',
    measure: 'rate',
    unit: 'events/s',
    perOperation: 100,
    sides: { ours: (where) => ours({ inFlight: 1, events: 100, ...where }), against: batches },
    denominator: 'one INSERT of 100 rows, 1 connection (`append-batch.sql`)',
    must: 0.8,
    aim: 1.0,
  },
];
