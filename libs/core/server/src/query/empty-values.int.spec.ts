import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  created,
  field,
  isRejection,
  listOf,
  type OutputOf,
  type CallOf,
  record,
  RejectionError,
} from '@daybook/kernel';
import { orm } from '@daybook/postgres';
import { answers, projectionOf, ReadModels, recordTable } from '@daybook/projections';
import { type Bench, openBench } from '@daybook/projections/testing/engine';
import { plainCatalogue } from '@daybook/projections/testing/event-log';
import type { Caller, QueryContext } from '../binding.js';
import { validate } from '../dispatch/validate.js';
import { Cursors, cutPage, everyPage } from './query-context.js';
import { answerOf } from './record-list.js';

const folder = join(process.cwd(), '../shared/data/cases/74-empty-values');
if (!existsSync(folder)) console.warn('Skipped: the external test data ../shared/data/cases is not there.');

const tenant = '0190a1b2-0000-7000-8000-00000000a001';
const organisation = record('case.organisation', {
  one: 'organisation',
  many: 'organisations',
  icon: 'user',
  calledBy: 'name',
  fields: {
    name: field.text('Name'),
    size: field.whole('Size', { optional: true }),
    country: field.choice('Country', { NO: 'Norway', SE: 'Sweden', DK: 'Denmark' }, { optional: true }),
    note: field.note('Note', { optional: true }),
  },
});
const organisationCreated = created(organisation);
const list = listOf(organisation, { text: ['note'], filters: ['country', 'size'], sorts: ['name', 'size'] });
const table = recordTable(organisation, [list]);
const listAnswer = answerOf(answers(list, table));
const projected = projectionOf(table, [organisationCreated]);
type Input = CallOf<typeof list>;

(existsSync(folder) ? describe : describe.skip)('rows with an empty value', () => {
  let right: Readonly<Record<string, string[]>>;
  let bench: Bench;
  let reads: ReadModels;
  let db: () => Parameters<ReadModels['read']>[0];
  let close: () => Promise<void>;
  let next = 1;
  const send = async (name: string, size: string, country: string, note: string) => {
    const id = `0190a1b2-0000-7000-8000-${String(next++).padStart(12, '0')}`;
    const given = { ...(size && { size: Number(size) }), ...(country && { country: country as 'NO' }), ...(note && { note }) }; // prettier-ignore
    await bench.log.record(tenant, `case.organisation-${tenant}-${id}`, organisationCreated.of({ id, name, ...given }));
  };
  const settle = () => bench.engine({ catalogue: plainCatalogue([organisationCreated]) }).catchUp();

  beforeAll(async () => {
    right = JSON.parse(readFileSync(join(folder, 'right.json'), 'utf8'));
    bench = await openBench([projected]);
    const mikro = await orm(bench.database.apiUrl, { max: 2, application: 'empty values spec' });
    close = () => mikro.close();
    db = () => mikro.em.fork().getKysely<object>();
    reads = new ReadModels({ projections: [projected], head: () => bench.log.head() });
    const [, ...lines] = readFileSync(join(folder, 'organisations.csv'), 'utf8').trim().split(/\r?\n/);
    for (const line of lines) {
      const [name = '', size = '', country = '', note = ''] = line.split(',');
      await send(name, size, country, note);
    }
    await settle();
  });
  afterAll(async () => {
    await close();
    await bench.end();
  });

  const cursors = new Cursors('a secret of more than thirty-two characters');
  const asked = <T>(work: (page: (input: Record<string, unknown>) => Promise<unknown>) => Promise<T>) =>
    reads.read(db(), tenant, null, (read) => {
      const context = {
        ...read,
        caller: { tenant, actor: { kind: 'person', id: tenant }, fields: {} } as unknown as Caller,
        page: (request, filters, key, fetch) =>
          cutPage(cursors, { tenant, operation: list.name, filters, knownAt: null }, request, key, fetch),
      } as QueryContext;
      return work(async (input) => {
        const valid = validate(list, input);
        if (isRejection(valid)) throw new RejectionError(valid);
        return listAnswer.handler(valid.input, context, { bindings: { customFields: null } });
      });
    });
  const page = (input: Input) => asked((answer) => answer(input)) as Promise<OutputOf<typeof list>>;
  const namesOf = ({ items }: { readonly items: readonly { readonly name: string | null }[] }) =>
    items.map(({ name }) => name);
  const names = async (input: Input) => namesOf(await page({ sort: ['name'], ...input }));
  const byPages = async (input: Input, limit: number) => {
    const found: (string | null)[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const one = await page({ ...input, limit, ...(cursor ? { cursor } : {}) });
      found.push(...namesOf(one));
      cursor = one.next;
    }
    return found;
  };

  it.each([
    ['names in Norwegian order', ['name']],
    ['by size, then name', ['size', 'name']],
    ['by size from above, then name', ['-size', 'name']],
  ] as const)('are on a page of any size: %s', async (title, sort) => {
    for (const limit of [1, 2, 3, 4, 50]) expect(await byPages({ sort: [...sort] }, limit)).toEqual(right[title]);
  });

  it('are in the export', async () => {
    const whole = await asked((answer) => everyPage('items', { sort: ['size', 'name'], limit: 2 }, answer));
    expect(namesOf(whole as OutputOf<typeof list>)).toEqual(right['by size, then name']);
  });

  it.each([
    ['country is NO', { country: ['NO'] }],
    ['country is not NO', { countryNot: ['NO'] }],
    ['note contains cash', { text: 'cash' }],
    ['note does not contain cash', { textNot: 'cash' }],
    ['size above 10', { sizeFrom: 11 }],
    ['size at most 10', { sizeUntil: 10 }],
    ['country is empty', { countryNot: ['NO', 'SE', 'DK'] }],
  ] as const)('are found by a filter or by its negation: %s', async (title, input) => {
    expect((await names(input as Input)).toSorted()).toEqual(right[title]?.toSorted());
  });

  it('do not move when a row is created before the cursor', async () => {
    const sort = ['size', 'name'] as Input['sort'];
    const first = await page({ sort, limit: 2 });
    await send('Ask', '1', '', '');
    await settle();
    expect(namesOf(await page({ sort, limit: 2, cursor: first.next! }))).toEqual(['alfa', 'Zeta']);
  });
});
