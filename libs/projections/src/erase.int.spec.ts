import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { catalogueOf, type EventCatalogue, type Sealer } from '@daybook/event-store';
import { memorySealer } from '@daybook/event-store/testing/memory-sealer';
import { event, eventIdOf, nameId, type NewEvent, personal, type RecordedEvent } from '@daybook/kernel';
import * as z from 'zod';
import { columnsOf } from './columns.js';
import { projection, when } from './projection.js';
import { change, patch, put, tableOf } from './table.js';
import { type Bench, openBench } from './testing/engine.js';
import { recorded, rowsAfter } from './testing/given.js';

/* Guests of a house: a small context with names in events, rows, past versions and imports. */
const record = ({ guestId }: { guestId: string }) => ({ type: 'testing.guest', id: guestId });
const guest = { guestId: z.uuid(), name: personal(z.string(), 'guestId') };
const guestCame = event('testing.guest-came', { data: z.object(guest), record });
const guestRenamed = event('testing.guest-renamed', { data: z.object(guest), record });
const guestForgotten = event('testing.guest-forgotten', {
  data: z.object({ guestId: z.uuid() }),
  record,
  erases: ({ guestId }) => guestId,
});
const guestStaged = event('testing.guest-staged', { data: z.object(guest), record, staged: true });
const guestsImported = event('testing.guests-imported', {
  data: z.object({ stream: z.string(), count: z.int() }),
  record: () => ({ type: 'testing.import', id: '1' }),
  applies: ({ stream, count }) => ({ stream, count }),
});
const events = [guestCame, guestRenamed, guestForgotten, guestStaged, guestsImported];

const guestRow = z.object({
  guestId: z.uuid(),
  name: personal(z.string().nullable(), 'guestId'),
  greeting: personal(z.string(), 'guestId').nullable(),
  visits: z.int(),
});
const guests = tableOf('guests', guestRow, ['guestId']);
const badges = tableOf(
  'badges',
  z.object({
    badge: z.string(),
    number: z.string(),
    holderId: z.string(),
    holder: personal(z.object({ name: z.string() }).nullable(), 'holderId'),
  }),
  ['badge'],
  { history: 'append-only', sequence: 'number' },
);
/* What is personal within JSON: of the row's own subject, and of others who are named there. */
const host = z.object({ guestId: z.uuid(), name: personal(z.string().nullable(), 'guestId') });
const parties = tableOf(
  'parties',
  z.object({
    party: z.string(),
    guestId: z.uuid(),
    notes: z.array(personal(z.string().nullable(), 'guestId')),
    seats: z.record(z.string(), z.discriminatedUnion('kind', [host.extend({ kind: z.literal('host') }), z.object({ kind: z.literal('free') })])), // prettier-ignore
  }),
  ['party'],
);

type Came = z.infer<typeof guestCame.data>;
// After an erasure what was personal comes as null, and so must what is made of it.
const came = ({ guestId, name }: Came, id: string) => [
  put(guests, { guestId, name, greeting: name === null ? null : `Welcome, ${name}`, visits: 1 }),
  put(badges, { badge: id, number: '', holderId: guestId, holder: name === null ? null : { name } }),
  change(parties, { party: 'all' }, (row) => ({
    party: 'all',
    guestId: row?.guestId ?? guestId,
    notes: row?.notes ?? [name === null ? null : `${name} came first`],
    seats: { ...row?.seats, [guestId]: { kind: 'host' as const, guestId, name }, last: { kind: 'free' as const } },
  })),
];
const house = projection({
  name: 'house',
  version: 1,
  views: ['guests'],
  tables: [guests, badges, parties],
  on: [
    when(guestCame, ({ id, data }) => came(data, id)),
    when(guestStaged, ({ id, data }) => came(data, id)),
    when(guestRenamed, ({ data }) => [
      patch(guests, { guestId: data.guestId }, (row) => ({ name: data.name, visits: row.visits + 1 })),
    ]),
    when(guestForgotten, ({ data }) => [
      patch(guests, { guestId: data.guestId }, (row) => ({ visits: row.visits + 100 })),
    ]),
  ],
});

const [anna, bert] = ['0190a1b2-0000-7000-8000-00000000a001', '0190a1b2-0000-7000-8000-00000000b001'];
const [kari, olav, late] = [1, 2, 3].map((n) => `0190a1b2-0000-7000-8000-00000000c00${n}`) as [string, string, string];
const house1 = (tenant: string) => `testing.house-${tenant}-1`;
const import1 = `testing.import-${anna}-1`;

describe('an event that erases a subject', () => {
  let bench: Bench;
  let sealer: Sealer;
  let catalogue: EventCatalogue;
  beforeEach(async () => {
    sealer = memorySealer();
    catalogue = catalogueOf(events, sealer);
    bench = await openBench([house]);
  });
  afterEach(() => bench.end());

  const engine = (batch?: number) => bench.engine({ catalogue, ...(batch === undefined ? {} : { batch }) });
  const append = async (tenant: string, stream: string, ...made: NewEvent[]): Promise<void> => {
    for (const one of made) {
      const commandId = nameId(tenant, stream, String(bench.log.events.length));
      await bench.log.record(tenant, stream, { type: 'testing.guest-came', data: {} });
      const template = bench.log.events.pop()!;
      const stored = await catalogue.toStore(eventIdOf(commandId, stream, 0), one, template.meta);
      // Written as a store holds it: sealed.
      Object.assign(template, stored);
      bench.log.events.push(template);
    }
  };
  const house1Of = async () => {
    await append(anna, house1(anna), guestCame.of({ guestId: kari, name: 'Kari' }), guestCame.of({ guestId: olav, name: 'Olav' })); // prettier-ignore
    await append(bert, house1(bert), guestCame.of({ guestId: kari, name: 'Kari of Bert' }));
    await append(anna, house1(anna), guestRenamed.of({ guestId: kari, name: 'Kari Nordmann' }));
    await append(anna, import1, guestStaged.of({ guestId: late, name: 'Liv' }));
    await append(anna, house1(anna), guestsImported.of({ stream: import1, count: 1 }));
  };

  it('empties their columns in the present and in every past version, and touches nobody else', async () => {
    await house1Of();
    await engine().catchUp();
    const before = await bench.dump(await bench.live('house'));
    expect(before.filter((row) => row.includes('Kari')).length).toBeGreaterThanOrEqual(4);

    await append(anna, house1(anna), guestForgotten.of({ guestId: kari }), guestForgotten.of({ guestId: late }));
    await engine().catchUp();
    const schema = await bench.live('house');
    const after = await bench.dump(schema);
    expect(after.filter((row) => /Kari|Liv/.test(row)).map((row) => row.replace(/^(\w+).*/, '$1'))).toEqual(['badges', 'guests', 'parties']); // prettier-ignore
    expect(after.filter((row) => /Kari/.test(row)).every((row) => row.includes(bert))).toBe(true);
    expect(after.some((row) => row.includes('Olav'))).toBe(true);
    // Within JSON too, of that person alone, in every past version of the row.
    const within = after.filter((row) => row.startsWith('parties') && row.includes(anna));
    expect(within.length).toBeGreaterThanOrEqual(3);
    expect(within.filter((row) => row.includes('Olav')).length).toBeGreaterThanOrEqual(2);
    const { rows } = await bench.pool.query(
      `select name, greeting, visits, valid_from from ${schema}.guests where "guestId" = $1 and tenant = $2
       union all select name, greeting, visits, valid_from from ${schema}.guests_history where "guestId" = $1 and tenant = $2
       order by valid_from`,
      [kari, anna],
    );
    // Its own handler ran afterwards, and versions stand where they stood.
    expect(rows).toEqual([
      { name: null, greeting: null, visits: 1, valid_from: '1' },
      { name: null, greeting: null, visits: 2, valid_from: '4' },
      { name: null, greeting: null, visits: 102, valid_from: '7' },
    ]);
  });

  it.each([1, 2, 200])('makes the rows that a rebuild makes once the key is gone, in batches of %i', async (batch) => {
    await house1Of();
    await append(anna, house1(anna), guestForgotten.of({ guestId: kari }));
    await append(anna, house1(anna), guestForgotten.of({ guestId: late }), guestCame.of({ guestId: olav, name: 'Olav again' })); // prettier-ignore
    const running = engine(batch);
    await running.catchUp();
    const live = await bench.dump(await bench.live('house'));
    expect(live.some((row) => row.includes(anna) && /Kari|Liv/.test(row))).toBe(false);

    await sealer.erase(anna, kari);
    await sealer.erase(anna, late);
    await running.rebuild('house');
    await running.catchUp();
    expect(await bench.live('house')).toBe('rm_house_v1_g2');
    expect(await bench.dump('rm_house_v1_g2')).toEqual(live);
  });

  it('empties also what is built before the key is gone, and rows that come of an import after it', async () => {
    await append(anna, house1(anna), guestCame.of({ guestId: olav, name: 'Olav' }));
    await append(anna, import1, guestStaged.of({ guestId: late, name: 'Liv' }));
    await append(anna, house1(anna), guestForgotten.of({ guestId: olav }));
    await sealer.erase(anna, late);
    await append(anna, house1(anna), guestsImported.of({ stream: import1, count: 1 }));
    await engine().catchUp();
    const rows = await bench.dump(await bench.live('house'));
    expect(rows.length).toBeGreaterThan(4);
    expect(rows.filter((row) => /Olav|Liv/.test(row))).toEqual([]);
  });

  it('makes the same rows whether a rebuild runs before the key is gone or after', async () => {
    await house1Of();
    await append(anna, house1(anna), guestForgotten.of({ guestId: kari }));
    const running = engine();
    await running.catchUp();
    const live = await bench.dump(await bench.live('house'));
    await running.rebuild('house');
    await running.catchUp();
    expect(await bench.dump('rm_house_v1_g2')).toEqual(live);
  });
});

it('a projection spec sees the same: what was personal is null, then the handler of the event runs', () => {
  const rows = rowsAfter(house, [
    recorded(guestCame, { guestId: olav, name: 'Olav' }),
    recorded(guestCame, { guestId: kari, name: 'Kari' }),
    recorded(guestForgotten, { guestId: olav }),
  ] as RecordedEvent[]);
  expect(rows['guests']).toEqual([
    { guestId: kari, name: 'Kari', greeting: 'Welcome, Kari', visits: 1 },
    { guestId: olav, name: null, greeting: null, visits: 101 },
  ]);
  expect(rows['badges']!.map(({ holder }) => holder)).toEqual(expect.arrayContaining([null, { name: 'Kari' }]));
});

describe('a personal column', () => {
  const table = (row: z.ZodObject) => tableOf('t', row, ['id']);
  it('must accept null, and name a subject that stands in the row', () => {
    expect(() => columnsOf(table(z.object({ id: z.string(), name: personal(z.string(), 'id') })))).toThrow(
      'accept null',
    );
    const within = z.object({ id: z.string(), all: z.array(z.object({ name: personal(z.string(), 'id') })) });
    expect(() => columnsOf(table(within))).toThrow('t.all[].name is personal and must accept null');
    const map = z.object({ id: z.string(), all: z.object({ by: z.map(z.string(), personal(z.string().nullable(), 'id')) }) }); // prettier-ignore
    expect(() => columnsOf(table(map))).toThrow('all.by is personal and cannot be emptied: it is in a map');
    const nullable = personal(z.string().nullable(), 'nobody');
    expect(() => columnsOf(table(z.object({ id: z.string(), name: nullable })))).toThrow(
      'The table t cannot be kept. name is personal and cannot be emptied: no object around it has the field nobody.',
    );
  });
});
