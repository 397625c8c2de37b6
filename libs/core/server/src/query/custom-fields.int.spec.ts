import {
  created,
  type CustomField,
  type CustomKind,
  type CustomValue,
  decimals,
  field,
  isRejection,
  listOf,
  newId,
  record,
  RejectionError,
  sortKey,
} from '@daybook/kernel';
import { orm } from '@daybook/postgres';
import { answers, projectionOf, ReadModels, recordTable } from '@daybook/projections';
import { type Bench, openBench } from '@daybook/projections/testing/engine';
import { plainCatalogue } from '@daybook/projections/testing/event-log';
import fc from 'fast-check';
import type { Caller, QueryContext } from '../binding.js';
import { validate } from '../dispatch/validate.js';
import { chosenColumns, picked } from '../export/columns.js';
import { Cursors, cutPage } from './query-context.js';
import { answerOf } from './record-list.js';

const site = record('works.site', {
  one: 'site', many: 'sites', icon: 'map', calledBy: 'name',
  fields: { name: field.text('Name'), custom: field.custom() },
}); // prettier-ignore
const siteCreated = created(site);
const list = listOf(site, { sorts: ['name'] });
const sites = recordTable(site, [list]);
const projection = projectionOf(sites, [siteCreated]);

const kinds: readonly CustomKind[] = ['text', 'number', 'date', 'choice', 'yes-no', 'person'];
const fields = kinds.map((kind, position): CustomField => ({
  key: kind === 'yes-no' ? 'lit' : kind, kind, position, label: kind, required: false, status: 'active', choices: ['North', 'south', 'Øst'],
})); // prettier-ignore
const persons = [newId(), newId()] as const;
const values: Readonly<Record<CustomKind, fc.Arbitrary<CustomValue>>> = {
  text: fc.constantFrom('Åse', 'adam', 'Zoe', 'a b', '100%', "O'Hara", 'size>=1'),
  number: fc.constantFrom('-1', '0', '2', '10', '9.5', '12345678901234567.12345678'),
  date: fc.constantFrom('2025-12-31', '2026-01-01', '2026-03-31'),
  choice: fc.constantFrom('North', 'south', 'Øst'),
  'yes-no': fc.boolean(),
  person: fc.constantFrom(...persons),
};
type Custom = Record<string, CustomValue>;
const customOf: fc.Arbitrary<Custom> = fc
  .record(Object.fromEntries(fields.map(({ key, kind }) => [key, fc.option(values[kind])])))
  .map((all) =>
    Object.fromEntries(Object.entries(all).filter((entry): entry is [string, CustomValue] => entry[1] !== null)),
  );
interface Site {
  readonly id: string;
  readonly custom: Custom | null;
}

describe('custom fields in a list', () => {
  let bench: Bench;
  let reads: ReadModels;
  let db: () => Parameters<ReadModels['read']>[0];
  let close: () => Promise<void>;
  const cursors = new Cursors('a secret of more than thirty-two characters');
  beforeAll(async () => {
    bench = await openBench([projection]);
    const mikro = await orm(bench.database.apiUrl, { max: 4, application: 'custom fields spec' });
    close = () => mikro.close();
    db = () => mikro.em.fork().getKysely<object>();
    reads = new ReadModels({ projections: [projection], head: () => bench.log.head() });
  });
  afterAll(async () => {
    await close();
    await bench.end();
  });

  const bindings = { customFields: { fieldsAt: async () => fields } };
  async function ask(tenant: string, input: object, hidden = false): Promise<{ items: Site[]; next: string | null }> {
    const valid = validate(list, input);
    if (isRejection(valid)) throw new RejectionError(valid);
    const caller = {
      tenant,
      actor: { kind: 'person', id: 'a' },
      fields: hidden ? { 'works.site.custom': 'hide' } : {},
    };
    const answer = await reads.read(db(), tenant, null, (read) => {
      const of = { tenant, operation: list.name, knownAt: null };
      const page: QueryContext['page'] = (request, filters, key, fetch) =>
        cutPage(cursors, { ...of, filters }, request, key, fetch);
      const context = { ...read, caller: caller as unknown as Caller, page } as QueryContext;
      return answerOf(answers(list, sites)).handler(valid.input, context, { bindings });
    });
    if (isRejection(answer)) throw new RejectionError(answer);
    return answer as { items: Site[]; next: string | null };
  }
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => 'answered',
      (error: RejectionError) => `${error.rejection.status} ${error.rejection.errors?.[0]?.pointer}`,
    );
  /** Page by page. */
  async function all(tenant: string, input: object): Promise<Site[]> {
    const found: Site[] = [];
    let cursor: string | null = null;
    do {
      const page = await ask(tenant, { ...input, limit: 5, ...(cursor === null ? {} : { cursor }) });
      found.push(...page.items);
      cursor = page.next;
    } while (cursor !== null);
    return found;
  }
  const comparable = (kind: CustomKind, value: CustomValue): string =>
    kind === 'text' || kind === 'choice' ? sortKey(String(value)) : String(value);
  const compare = (kind: CustomKind, one: CustomValue, other: CustomValue): number => {
    if (kind === 'number') return decimals.cmp(String(one), String(other));
    const [a, b] = [comparable(kind, one), comparable(kind, other)];
    return a < b ? -1 : a > b ? 1 : 0;
  };

  it('are answered, filtered, sorted and exported as they were entered, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(customOf, { minLength: 1, maxLength: 25 }), async (entered) => {
        const tenant = newId();
        const sent = entered.map((custom) => ({ id: newId(), name: 'Site', custom }));
        for (const one of sent) await bench.log.record(tenant, `works.site-${tenant}-${one.id}`, siteCreated.of(one));
        await bench.engine({ catalogue: plainCatalogue([siteCreated]) }).catchUp();
        const rows = await all(tenant, {});
        expect(new Map(rows.map(({ id, custom }) => [id, custom]))).toEqual(new Map(sent.map(({ id, custom }) => [id, custom]))); // prettier-ignore
        const columns = chosenColumns(list, null, fields);
        if (isRejection(columns)) throw new Error(columns.message);
        for (const row of rows)
          expect(picked(columns, { ...row })).toMatchObject(
            Object.fromEntries(fields.map(({ key }) => [`custom.${key}`, row.custom?.[key] ?? null])),
          );
        for (const { key, kind } of fields) await filtersAndSorts(tenant, sent, key, kind);
      }),
      { numRuns: 4 },
    );
  }, 120_000);

  async function filtersAndSorts(tenant: string, sent: readonly Site[], key: string, kind: CustomKind): Promise<void> {
    const has = sent.flatMap(({ id, custom }) => (custom?.[key] === undefined ? [] : [{ id, value: custom[key] }]));
    const ids = async (...custom: string[]) =>
      (await ask(tenant, { custom, limit: 200 })).items.map(({ id }) => id).sort();
    const expected = (fits: (value: CustomValue) => boolean) => has.filter(({ value }) => fits(value)).map(({ id }) => id).sort(); // prettier-ignore
    const distinct = [...new Set(has.map(({ value }) => value))];
    for (const value of distinct) {
      expect(await ids(`${key}=${value}`)).toEqual(expected((one) => one === value));
      if (kind !== 'number' && kind !== 'date') continue;
      expect(await ids(`${key}>=${value}`)).toEqual(expected((one) => compare(kind, one, value) >= 0));
      expect(await ids(`${key}<=${value}`)).toEqual(expected((one) => compare(kind, one, value) <= 0));
    }
    if (distinct.length > 1) expect(await ids(...distinct.map((value) => `${key}=${value}`))).toEqual(expected(() => true)); // prettier-ignore
    const sorted = (await all(tenant, { customSort: key })).map(({ custom }) => custom?.[key]);
    const known = sorted.filter((value) => value !== undefined);
    // What is empty is last, in reverse too.
    expect(sorted.slice(known.length).every((value) => value === undefined)).toBe(true);
    expect(known).toHaveLength(has.length);
    for (const [index, value] of known.slice(1).entries()) expect(compare(kind, known[index]!, value)).not.toBe(1);
    const reversed = (await all(tenant, { customSort: `-${key}` })).map(({ id }) => id);
    expect(reversed).toHaveLength(sent.length);
    expect(new Set(reversed).size).toBe(sent.length);
  }

  it('are refused where they are none, cannot be compared so, or are no value of the field', async () => {
    const tenant = newId();
    expect(await refusal(ask(tenant, { custom: ['number=1', 'tall=1'] }))).toBe('400 /custom/1');
    expect(await refusal(ask(tenant, { custom: ['text>=a'] }))).toBe('400 /custom/0');
    expect(await refusal(ask(tenant, { custom: ['number=ten'] }))).toBe('400 /custom/0');
    expect(await refusal(ask(tenant, { custom: ['lit=maybe'] }))).toBe('400 /custom/0');
    expect(await refusal(ask(tenant, { customSort: 'tall' }))).toBe('400 /customSort');
    // What was offered once is still found.
    expect(await refusal(ask(tenant, { custom: ['choice=Gone'] }))).toBe('answered');
  });

  it('are neither filtered nor sorted by where a role hides them', async () => {
    expect(await refusal(ask(newId(), { custom: ['number=1'] }, true))).toMatch(/^403/);
    expect(await refusal(ask(newId(), { customSort: 'number' }, true))).toMatch(/^403/);
    expect(await refusal(ask(newId(), {}, true))).toBe('answered');
  });
});
