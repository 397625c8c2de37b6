import {
  type CallOf,
  type FieldRule,
  isRejection,
  type OutputOf,
  type QueryOperation,
  RejectionError,
  sortKey,
} from '@daybook/kernel';
import { orm } from '@daybook/postgres';
import { ReadModels } from '@daybook/projections';
import { type Bench, openBench } from '@daybook/projections/testing/engine';
import { plainCatalogue } from '@daybook/projections/testing/event-log';
import fc from 'fast-check';
import type { Caller, QueryContext } from '../binding.js';
import { validate } from '../dispatch/validate.js';
import { listParcels, parcelAnswers, parcelCreated, parcelEvents, parcelLost, parcelProjection, readParcel } from '../testing/parcels.js'; // prettier-ignore
import { Cursors, cutPage } from './query-context.js';
import { answerOf } from './record-list.js';

const tenant = '0190a1b2-0000-7000-8000-00000000a001';
const other = '0190a1b2-0000-7000-8000-00000000b001';
const id = (n: number): string => `0190a1b2-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
const [kari, ola] = [id(0xaaa), id(0xbbb)];

type Parcel = Parameters<typeof parcelCreated.of>[0];
const parcelOf = (n: number, more: Partial<Parcel> = {}): Parcel => ({
  id: id(n), number: `P${n}`, owner: kari, size: 's', currency: 'NOK', insured: false, ...more,
}); // prettier-ignore

describe('the list of a record', () => {
  let bench: Bench;
  let reads: ReadModels;
  let db: () => Parameters<ReadModels['read']>[0];
  let close: () => Promise<void>;
  const cursors = new Cursors('a secret of more than thirty-two characters');

  const settle = () => bench.engine({ catalogue: plainCatalogue(parcelEvents) }).catchUp();
  const send = async (of: string, ...sent: readonly Parcel[]) => {
    for (const one of sent) await bench.log.record(of, `post.parcel-${of}-${one.id}`, parcelCreated.of(one));
  };
  beforeAll(async () => {
    bench = await openBench([parcelProjection]);
    const mikro = await orm(bench.database.apiUrl, { max: 4, application: 'list spec' });
    close = () => mikro.close();
    db = () => mikro.em.fork().getKysely<object>();
    reads = new ReadModels({ projections: [parcelProjection], head: () => bench.log.head() });
    await send(other, parcelOf(1, { name: 'Of somebody else' }));
  });
  afterAll(async () => {
    await close();
    await bench.end();
  });

  async function ask<Q extends QueryOperation>(
    operation: Q,
    input: CallOf<Q>,
    as: { fields?: Record<string, FieldRule>; knownAt?: string; of?: string; person?: string } = {},
  ): Promise<OutputOf<Q>> {
    const valid = validate(operation, input);
    if (isRejection(valid)) throw new RejectionError(valid);
    const binding = parcelAnswers.map(answerOf).find((one) => one.operation.name === operation.name);
    const { of = tenant, knownAt = null, fields = {}, person = kari } = as;
    const caller = { tenant: of, actor: { kind: 'person', id: person }, fields } as unknown as Caller;
    const answer = await reads.read(db(), of, knownAt, (read) => {
      const context = {
        ...read,
        caller,
        page: (request, filters, key, fetch) =>
          cutPage(cursors, { tenant: of, operation: operation.name, filters, knownAt }, request, key, fetch),
      } as QueryContext;
      return binding!.handler(valid.input, context, { bindings: { customFields: null } });
    });
    if (isRejection(answer)) throw new RejectionError(answer);
    return answer as OutputOf<Q>;
  }
  const numbers = async (input: CallOf<typeof listParcels>, as?: Parameters<typeof ask>[2]) =>
    (await ask(listParcels, input, as)).items.map(({ number }) => number);
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => 'answered',
      (error: RejectionError) => `${error.rejection.status} ${error.rejection.code}`,
    );

  const some = [
    parcelOf(2, { name: 'Åse', size: 'l', dueOn: '2026-01-31', value: '10.00', weight: '1.5' }),
    parcelOf(3, { name: 'adam', email: 'adam@x.no', dueOn: '2026-03-31', value: '5.00', currency: 'EUR', owner: ola }),
    parcelOf(4, { name: 'Zoe', email: '100%@x.no', insured: true, value: '20.50', weight: '0.25' }),
    parcelOf(5, { size: 'l' }),
  ];

  it('is empty where there is nothing, and shows nothing of another tenant', async () => {
    await settle();
    expect(await ask(listParcels, { count: true, sums: true })).toEqual({ items: [], next: null, count: 0, sums: [] });
    expect(await numbers({}, { of: other })).toEqual(['P1']);
    await send(tenant, ...some);
    await settle();
  });

  it('sorts names by the alphabet, codes by code point, and what is empty last both ways', async () => {
    expect(await numbers({})).toEqual(['P3', 'P4', 'P2', 'P5']);
    expect(await numbers({ sort: ['-name'] })).toEqual(['P2', 'P4', 'P3', 'P5']);
    expect(await numbers({ sort: ['number'] })).toEqual(['P2', 'P3', 'P4', 'P5']);
    expect(await numbers({ sort: ['size', '-value'] })).toEqual(['P2', 'P5', 'P4', 'P3']);
  });

  it('answers rows without what they are sorted by', async () => {
    const { items } = await ask(listParcels, { number: 'P2' });
    expect(items).toEqual([
      { id: id(2), number: 'P2', name: 'Åse', email: null, owner: kari, size: 'l', dueOn: '2026-01-31', currency: 'NOK', value: '10.00', weight: '1.5', insured: false, status: 'sent', version: 1 },
    ]); // prettier-ignore
    expect(await ask(readParcel, { id: id(2) })).toEqual(items[0]);
    expect(await refusal(ask(readParcel, { id: id(1) }))).toBe('404 post.parcel-not-found');
  });

  it('filters by choices, persons, ranges and single values, and by nothing at all', async () => {
    const sort = ['number'] as ['number'];
    expect(await numbers({ size: ['l'], sort })).toEqual(['P2', 'P5']);
    expect(await numbers({ size: [], sort })).toEqual([]);
    expect(await numbers({ owner: [ola, kari], sort })).toHaveLength(4);
    expect(await numbers({ owner: ['me'], sort }, { person: ola })).toEqual(['P3']);
    expect(await numbers({ dueOnFrom: '2026-01-31', dueOnUntil: '2026-03-30', sort })).toEqual(['P2']);
    expect(await numbers({ valueFrom: '5.01', sort })).toEqual(['P2', 'P4']);
    expect(await numbers({ insured: true, sort })).toEqual(['P4']);
    expect(await numbers({ text: 'ADAM', sort })).toEqual(['P3']);
    expect(await numbers({ text: '%', sort })).toEqual(['P4']);
    expect(await refusal(numbers({ size: ['xl' as 's'] }))).toBe('400 platform.invalid-input');
  });

  it('counts and sums on demand, by currency, over all that match', async () => {
    const { items, count, sums } = await ask(listParcels, { limit: 1, count: true, sums: true });
    expect([items.length, count]).toEqual([1, 4]);
    expect(sums).toEqual([
      { currency: 'EUR', value: '5.00', weight: null },
      { currency: 'NOK', value: '30.50', weight: null },
      { currency: null, value: null, weight: '1.75' },
    ]);
    expect(await ask(listParcels, { size: ['s'], sums: true })).toMatchObject({ sums: [{ value: '5.00' }, { value: '20.50' }, {}] }); // prettier-ignore
    expect(await ask(listParcels, {})).not.toHaveProperty('count');
  });

  it('neither searches, sorts by, nor sums what a role hides', async () => {
    const fields = { 'post.parcel.email': 'hide' } as const;
    expect(await numbers({ text: 'x.no' })).toEqual(['P3', 'P4']);
    expect(await numbers({ text: 'x.no' }, { fields })).toEqual([]);
    expect(await numbers({ text: 'adam' }, { fields })).toEqual(['P3']);
    expect(await refusal(numbers({ sort: ['email'] }, { fields }))).toBe('403 platform.field-hidden');
  });

  it('is listed, page by page, by a role that does not see what it is usually sorted by', async () => {
    const fields = { 'post.parcel.name': 'mask' } as const;
    expect(await numbers({}, { fields })).toEqual(['P2', 'P3', 'P4', 'P5']);
    const first = await ask(listParcels, { limit: 3 }, { fields });
    const cursor = String(first.next);
    expect(await numbers({ limit: 3, cursor }, { fields })).toEqual(['P5']);
    expect(await refusal(numbers({ sort: ['-name'] }, { fields }))).toBe('403 platform.field-hidden');
    expect(await refusal(numbers({ sort: ['size', 'name'] }, { fields }))).toBe('403 platform.field-hidden');
    // Whose role sees it since is in another order.
    expect(await refusal(numbers({ limit: 3, cursor }))).toBe('400 platform.cursor-invalid');
  });

  it('refuses a cursor with other filters or another order', async () => {
    const { next } = await ask(listParcels, { limit: 1 });
    const cursor = String(next);
    expect(await numbers({ limit: 9, cursor, count: true })).toEqual(['P4', 'P2', 'P5']);
    expect(await refusal(numbers({ cursor, sort: ['number'] }))).toBe('400 platform.cursor-invalid');
    expect(await refusal(numbers({ cursor, size: ['s'] }))).toBe('400 platform.cursor-invalid');
  });

  it('is read as known at an earlier position by the same query', async () => {
    const position = await bench.log.record(tenant, `post.parcel-${tenant}-${id(2)}`, parcelLost.of({ id: id(2) }));
    await settle();
    const lost = { status: ['lost' as const], count: true };
    expect(await ask(listParcels, lost)).toMatchObject({ items: [{ number: 'P2' }], count: 1 });
    expect(await ask(listParcels, lost, { knownAt: `position:${position - 1n}` })).toMatchObject({
      items: [],
      count: 0,
    });
  });

  it('has every row once and in order, whatever the order and the size of pages', async () => {
    const word = fc.constantFrom('Ås', 'as', 'Bø', 'bo', 'C', 'ç');
    const made = fc.record(
      { name: word, dueOn: fc.constantFrom('2026-01-01', '2026-02-01'), value: fc.constantFrom('1.00', '2.00'), size: fc.constantFrom('s' as const, 'l' as const), insured: fc.boolean() },
      { requiredKeys: ['size', 'insured'] },
    ); // prettier-ignore
    const wanted = fc.sample(made, { numRuns: 40, seed: 7 });
    const rows = wanted.map((more, n) => parcelOf(0x1000 + n, { owner: ola, ...more }));
    await send(tenant, ...rows);
    await settle();

    const names = ['name', 'number', 'dueOn', 'value', 'size', 'insured'] as const;
    type Name = (typeof names)[number];
    const sorts = fc.array(fc.tuple(fc.constantFrom(...names), fc.boolean()), { minLength: 1, maxLength: 3 });
    const valueOf = (row: Parcel, name: Name) => {
      const value = row[name] ?? null;
      return name === 'name' && typeof value === 'string' ? sortKey(value) : value;
    };
    const compare = (a: string | boolean | null, b: string | boolean | null): number =>
      a === b ? 0 : a === null ? 1 : b === null ? -1 : a < b ? -1 : 1;
    await fc.assert(
      fc.asyncProperty(sorts, fc.integer({ min: 1, max: 15 }), async (order, limit) => {
        const sort = order.map(([name, down]) => (down ? (`-${name}` as const) : name));
        const found: string[] = [];
        for (let cursor: string | null | undefined; cursor !== null;) {
          const page: OutputOf<typeof listParcels> = await ask(listParcels, { text: 'P4', owner: [ola], sort, limit, ...(cursor ? { cursor } : {}) }); // prettier-ignore
          found.push(...page.items.map(({ id: one }) => one));
          cursor = page.next;
        }
        const matching = rows.filter(({ number }) => number.includes('P4'));
        const expected = [...matching].sort((a, b): number => {
          for (const [name, down] of order) {
            const values = [valueOf(a, name), valueOf(b, name)] as const;
            const by = compare(...values);
            if (by !== 0) return down && !values.includes(null) ? -by : by;
          }
          return order[0]?.[1] ? compare(b.id, a.id) : compare(a.id, b.id);
        });
        expect(found).toEqual(expected.map(({ id: one }) => one));
      }),
      { numRuns: 12, ...(process.env['RANDOM_SEED'] ? { seed: Number(process.env['RANDOM_SEED']) } : {}) },
    );
  });

  it('reads later pages by its index', async () => {
    const { rows } = await bench.pool.query<{ name: string }>(
      `select indexdef as name from pg_indexes where schemaname = $1 and tablename = 'parcels'`,
      [await bench.live('post-parcels')],
    );
    const indexes = rows.map(({ name }) => /\((.*)\)$/.exec(name)?.[1]);
    expect(indexes).toEqual(
      expect.arrayContaining(['tenant, "nameSort", id', 'tenant, number, id', 'tenant, owner, id']),
    );
  });
});
