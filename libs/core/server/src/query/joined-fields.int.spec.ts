import { type CallOf, created, field, type FieldRule, guarded, isRejection, listOf, record, RejectionError, type RowOfRecord } from '@daybook/kernel'; // prettier-ignore
import { orm } from '@daybook/postgres';
import { projectionOf, ReadModels, recordTable } from '@daybook/projections';
import { type Bench, openBench } from '@daybook/projections/testing/engine';
import { plainCatalogue } from '@daybook/projections/testing/event-log';
import * as z from 'zod';
import type { Caller, QueryContext } from '../binding.js';
import { validate } from '../dispatch/validate.js';
import { Cursors, cutPage } from './query-context.js';
import { answerJoined } from './record-list.js';

/* Lockers, whose keepers are known elsewhere: names that the table does not have, and that the list is ordered by. */
const tenant = '0190a1b2-0000-7000-8000-00000000a001';
const id = (n: number): string => `0190a1b2-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
const locker = record('gym.locker', {
  one: 'locker',
  many: 'lockers',
  icon: 'box',
  calledBy: 'keeper',
  id: 'lockerId',
  fields: {
    lockerId: field.own('code', 'Locker', z.string(), { given: true }),
    size: field.choice('Size', { s: 'Small', l: 'Large' }),
    keeper: field.text('Keeper', { computed: true, optional: true }),
    phone: field.own('phone', 'Phone', guarded(z.string().nullable(), 'gym.keeper.phone', 'Phone of a keeper'), { computed: true, optional: true }),
    used: field.yesNo('Used', { computed: true }),
    uses: field.whole('Uses', { computed: true }),
    things: field.list('Things', z.string(), { computed: true }),
    seenAt: field.instant('Seen', { computed: true, optional: true }),
  },
}); // prettier-ignore
const list = listOf(locker, {
  text: ['keeper', 'phone'],
  filters: ['size', 'used', 'uses', 'seenAt'],
  sorts: ['keeper', 'uses', 'seenAt', 'phone'],
});
const built = created(locker, { verb: 'built' });
const lockers = recordTable(locker, [list]);
const projection = projectionOf(lockers, [built]);

const known = (keeper: string | null, uses: number, phone: string | null = null) => ({
  keeper,
  phone,
  used: uses > 0,
  uses,
  things: uses > 0 ? ['towel'] : [],
  seenAt: uses > 0 ? `2026-03-0${uses}T08:00:00Z` : null,
});
const keepers = new Map([
  [id(1), known('Åse', 2, '22 33')],
  [id(2), known('Zoe', 0)],
  [id(3), known('adam', 3, '11 00')],
  [id(4), known(null, 1)],
]);

describe('a list by fields that are computed', () => {
  let bench: Bench;
  let reads: ReadModels;
  let db: () => Parameters<ReadModels['read']>[0];
  let close: () => Promise<void>;
  const cursors = new Cursors('a secret of more than thirty-two characters');
  const asked: (readonly string[] | null)[] = [];
  const binding = answerJoined(list, lockers, {}, async (ids) => {
    asked.push(ids);
    return keepers;
  });

  beforeAll(async () => {
    bench = await openBench([projection]);
    const mikro = await orm(bench.database.apiUrl, { max: 2, application: 'joined spec' });
    close = () => mikro.close();
    db = () => mikro.em.fork().getKysely<object>();
    reads = new ReadModels({ projections: [projection], head: () => bench.log.head() });
    for (const lockerId of keepers.keys()) {
      const size = lockerId === id(3) ? ('l' as const) : ('s' as const);
      await bench.log.record(tenant, `gym.locker-${tenant}-${lockerId}`, built.of({ lockerId, size }));
    }
    await bench.engine({ catalogue: plainCatalogue([built]) }).catchUp();
  });
  afterAll(async () => {
    await close();
    await bench.end();
  });

  async function ask(input: CallOf<typeof list>, fields: Readonly<Record<string, FieldRule>> = {}) {
    const valid = validate(list, input);
    if (isRejection(valid)) throw new RejectionError(valid);
    const caller = { tenant, actor: { kind: 'person', id: id(9) }, fields } as unknown as Caller;
    const answer = await reads.read(db(), tenant, null, (read) => {
      const page: QueryContext['page'] = (request, filters, key, fetch) =>
        cutPage(cursors, { tenant, operation: list.name, filters, knownAt: null }, request, key, fetch);
      const context = { ...read, caller, page } as QueryContext;
      return binding.handler(valid.input, context, { bindings: { customFields: null, recordTags: null } });
    });
    return answer as { items: RowOfRecord<typeof locker>[]; next: string | null; count?: number };
  }
  const names = async (...of: Parameters<typeof ask>) => (await ask(...of)).items.map(({ keeper }) => keeper);

  it('has them in its rows, in the order of the alphabet, and those without last', async () => {
    const { items } = await ask({});
    expect(items.map(({ keeper }) => keeper)).toEqual(['adam', 'Zoe', 'Åse', null]);
    expect(items[0]).toMatchObject({ ...known('adam', 3, '11 00'), lockerId: id(3), size: 'l', version: 1 });
    expect(await names({ sort: ['-keeper'] })).toEqual(['Åse', 'Zoe', 'adam', null]);
    expect(await names({ sort: ['-seenAt'] })).toEqual(['adam', 'Åse', null, 'Zoe']);
  });

  it('is filtered, searched and counted by them, beside what the table has', async () => {
    expect(await names({ used: true, size: ['s'] })).toEqual(['Åse', null]);
    expect(await names({ usesFrom: 2 })).toEqual(['adam', 'Åse']);
    expect(await names({ text: 'ås' })).toEqual(['Åse']);
    expect(await names({ text: '11' })).toEqual(['adam']);
    expect(await ask({ used: true, limit: 1, count: true })).toMatchObject({ count: 3, items: [{ keeper: 'adam' }] });
  });

  it('goes on page by page', async () => {
    const first = await ask({ limit: 3, sort: ['-uses'] });
    expect(first.items.map(({ uses }) => uses)).toEqual([3, 2, 1]);
    expect(await names({ limit: 3, sort: ['-uses'], cursor: String(first.next) })).toEqual(['Zoe']);
  });

  it('asks for those that are named', async () => {
    expect(await names({ lockerId: [id(1)] })).toEqual(['Åse']);
    expect(asked.at(-1)).toEqual([id(1)]);
  });

  it('is neither searched nor ordered by what a role hides, whatever the field is called there', async () => {
    const hidden = { 'gym.keeper.phone': 'mask' } as const;
    expect(await names({ text: '11' }, hidden)).toEqual([]);
    await expect(ask({ sort: ['phone'] }, hidden)).rejects.toThrow('cannot sort by it');
  });
});
