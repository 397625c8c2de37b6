import { catalogueOf, type EventCatalogue, type Sealer } from '@daybook/event-store';
import { memorySealer } from '@daybook/event-store/testing/memory-sealer';
import { event, eventIdOf, nameId, type NewEvent, personal, type RecordedEvent } from '@daybook/kernel';
import { inTenant } from '@daybook/postgres';
import * as z from 'zod';
import { columnsOf } from './columns.js';
import { projection, when } from './projection.js';
import { createGeneration } from './registry.js';
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
/* Personal data within JSON: of the row's own subject, and of others who are named there. */
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
// After an erasure, personal values are null, and so are values derived from them.
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
  channels: ['guests'],
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
      // Appended as stored: sealed.
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

  it("empties the subject's columns in the current and every past version, and no other rows", async () => {
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
    // Also within JSON, of that person only, in every past version of the row.
    const within = after.filter((row) => row.startsWith('parties') && row.includes(anna));
    expect(within.length).toBeGreaterThanOrEqual(3);
    expect(within.filter((row) => row.includes('Olav')).length).toBeGreaterThanOrEqual(2);
    const { rows } = await bench.pool.query(
      `select name, greeting, visits, valid_from from ${schema}.guests where "guestId" = $1 and tenant = $2
       union all select name, greeting, visits, valid_from from ${schema}.guests_history where "guestId" = $1 and tenant = $2
       order by valid_from`,
      [kari, anna],
    );
    // Its own handler ran afterwards, and row versions kept their positions.
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

  it('empties rows built before the key is destroyed, and rows of a later import', async () => {
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

  describe('before the key is destroyed', () => {
    const clear = async (schema: string) => (await bench.dump(schema)).filter((row) => row.includes(anna) && /Kari|Liv/.test(row)); // prettier-ignore
    /* An erasure, and data sealed for the erased person between it and the destruction of the key; by position, not by time. */
    const window = async () => {
      await house1Of();
      await append(anna, house1(anna), guestForgotten.of({ guestId: kari }), guestRenamed.of({ guestId: kari, name: 'Kari again' })); // prettier-ignore
      const import2 = `testing.import-${anna}-2`;
      await append(anna, import2, guestStaged.of({ guestId: kari, name: 'Kari staged' }));
      await append(anna, house1(anna), guestsImported.of({ stream: import2, count: 1 }));
    };

    it.each([1, 2, 3, 200])('nothing that is sealed for the erased reaches a row, in batches of %i', async (batch) => {
      await window();
      const running = engine(batch);
      await running.catchUp();
      const live = await bench.live('house');
      expect((await running.status()).flatMap(({ parked }) => parked)).toEqual([]);
      expect(await clear(live)).toEqual((await clear(live)).filter((row) => row.includes('Liv')));
      expect((await bench.dump(live)).some((row) => row.includes('Olav'))).toBe(true);
      const before = await bench.dump(live);

      // A rebuild makes the same rows, before and after the key is destroyed.
      await running.rebuild('house');
      await running.catchUp();
      expect(await bench.dump(await bench.live('house'))).toEqual(before);
      await sealer.erase(anna, kari);
      await running.rebuild('house');
      await running.catchUp();
      expect(await bench.live('house')).toBe('rm_house_v1_g3');
      expect(await bench.dump('rm_house_v1_g3')).toEqual(before);
    });

    it('ignores personal data that was staged before and is applied later', async () => {
      await append(anna, house1(anna), guestCame.of({ guestId: late, name: 'Early' }));
      await append(anna, import1, guestStaged.of({ guestId: late, name: 'Liv' }));
      await append(anna, house1(anna), guestForgotten.of({ guestId: late }));
      await append(anna, house1(anna), guestsImported.of({ stream: import1, count: 1 }));
      const running = engine();
      await running.catchUp();
      expect((await running.status()).flatMap(({ parked }) => parked)).toEqual([]);
      const rows = await bench.dump(await bench.live('house'));
      expect(rows.filter((row) => row.startsWith('badges'))).toHaveLength(2);
      expect(rows.filter((row) => /Early|Liv/.test(row))).toEqual([]);
    });

    it('empties a parked tenant at once, and keeps it empty when the tenant is resumed', async () => {
      await house1Of();
      const running = engine();
      await running.catchUp();
      // Renames somebody who never came: parks the tenant.
      const nobody = '0190a1b2-0000-7000-8000-00000000c009';
      await append(anna, house1(anna), guestRenamed.of({ guestId: nobody, name: 'Nobody' }));
      await append(anna, house1(anna), guestRenamed.of({ guestId: kari, name: 'Kari twice' }));
      await append(anna, house1(anna), guestForgotten.of({ guestId: kari }));
      await running.catchUp();
      const live = await bench.live('house');
      expect((await running.status())[0]!.parked).toMatchObject([{ tenant: anna }]);
      expect((await clear(live)).filter((row) => row.includes('Kari'))).toEqual([]);
      const { rows } = await bench.pool.query<{ error: string }>('select error from projections.parked');
      expect(rows.filter(({ error }) => /Nobody|Kari/.test(error))).toEqual([]);
      expect(await running.retry('house', anna)).toBe(false);
      expect((await clear(live)).filter((row) => row.includes('Kari'))).toEqual([]);
      await bench.pool.query(
        `insert into ${live}.guests ("guestId", name, greeting, visits, tenant, valid_from) values ($1, null, null, 1, $2, 1)`,
        [nobody, anna],
      );
      expect(await running.retry('house', anna)).toBe(true);
      expect((await clear(live)).filter((row) => row.includes('Kari'))).toEqual([]);
    });

    it('empties differing, unfinished and retired generations too, with their code and without', async () => {
      await house1Of();
      const running = engine();
      await running.catchUp();
      const live = await bench.live('house');
      for (const status of ['differs', 'building', 'retired', 'foreign']) {
        const schema = await inTenant(bench.pool, null, (client) => createGeneration(client, house));
        for (const table of ['guests', 'guests_history', 'badges']) {
          await bench.pool.query(`insert into ${schema}.${table} select * from ${live}.${table}`);
        }
        // Of another version: only its stored description says which columns are personal.
        if (status === 'foreign') {
          await bench.pool.query(
            `update projections.generation set name = 'elsewhere', status = 'retired', tables = (
               select jsonb_agg(t) from jsonb_array_elements(tables) t where t->>'name' <> 'parties') where schema = $1`,
            [schema],
          );
        } else await bench.pool.query('update projections.generation set status = $2 where schema = $1', [schema, status]); // prettier-ignore
        expect((await clear(schema)).length).toBeGreaterThanOrEqual(3);
      }
      await append(anna, house1(anna), guestForgotten.of({ guestId: kari }), guestForgotten.of({ guestId: late }));
      await running.advanceNow();
      const { rows } = await bench.pool.query<{ schema: string; status: string }>(
        'select schema, status from projections.generation order by generation',
      );
      expect(rows.map(({ status }) => status)).toEqual(['live', 'differs', 'building', 'retired', 'retired']);
      for (const { schema } of rows) expect([schema, await clear(schema)]).toEqual([schema, []]);
    });

    it('drops a retired generation whose personal data only its own code can find', async () => {
      await house1Of();
      const running = engine();
      await running.catchUp();
      await running.rebuild('house');
      await bench.pool.query(
        `update projections.generation set status = 'retired', name = 'elsewhere', tables = (
           select jsonb_agg(jsonb_set(t, '{personal,within}', 'true')) from jsonb_array_elements(tables) t)
         where status = 'building'`,
      );
      await append(anna, house1(anna), guestForgotten.of({ guestId: kari }));
      await running.advanceNow();
      const { rows } = await bench.pool.query(`select schema from projections.generation where name = 'elsewhere'`);
      expect(rows).toEqual([]);
    });
  });

  it('gives the same rows when a rebuild runs before or after the key is destroyed', async () => {
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

it('a projection spec empties personal data before the handler of the event runs', () => {
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
  it('must accept null, and name a subject in the row', () => {
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
