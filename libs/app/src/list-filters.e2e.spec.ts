import { graphqlSchema } from '@daybook/server/graphql/schema';
import { type GraphQLInputObjectType, getNamedType, getNullableType, isListType, isRequiredInputField } from 'graphql';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import { graphqlFields } from '@daybook/testing/graphql-requests';
import { makeWorld, type World } from '@daybook/testing/world';

/* Filters that take a list: every one of every query, with a list of no values and with one of very many. */
describe('a filter', () => {
  let app: TestApp;
  let world: World;
  let people: readonly TestClient[];
  beforeAll(async () => {
    app = await startApp();
    world = await makeWorld(app, 'north');
    await app.settle();
    people = [await app.client('Admin'), await app.client('Accountant')];
  });
  afterAll(() => app.close());

  interface Asked {
    readonly name: string;
    readonly list: string;
    readonly document: string;
    readonly input: Record<string, unknown>;
  }
  /** Each list of each query, with what else its input must have. */
  const lists = (): Asked[] => {
    const { operations } = app.api.bindings;
    const schema = graphqlSchema({ operations } as unknown as Parameters<typeof graphqlSchema>[0]);
    return graphqlFields(schema).flatMap(({ name, root, document }) => {
      const argument = schema
        .getQueryType()
        ?.getFields()
        [name]?.args.find((one) => one.name === 'input');
      if (root !== 'query' || !argument) return [];
      const fields = Object.values((getNamedType(argument.type) as GraphQLInputObjectType).getFields());
      const input = Object.fromEntries(
        fields
          .filter(isRequiredInputField)
          .map((field) => [
            field.name,
            world.pool[field.name]?.[0] ?? (field.name.endsWith('Id') ? app.account('Admin').tenantId : '2026-01-01'),
          ]),
      );
      // An order is no filter, and leaving out nothing finds all, as do no conditions on custom fields.
      const isFilter = (field: string) => field !== 'sort' && field !== 'custom' && !field.endsWith('Not');
      const found = fields.filter(({ name: field, type }) => isFilter(field) && isListType(getNullableType(type)));
      return found.map((field) => ({ name, list: field.name, document, input }));
    });
  };
  const ask = async ({ document, input }: Asked, more: object) => {
    const answers = [];
    for (const client of people) answers.push((await client.graphql(document, { input: { ...input, ...more } })).body);
    return answers as { data: Record<string, { items?: unknown[] }> | null; errors?: { message: string; extensions: { problem: { code: string } } }[] }[]; // prettier-ignore
  };

  it('with an empty list finds nothing and is no server error', async () => {
    const all = lists();
    expect(all.map(({ name, list }) => `${name}.${list}`)).toEqual(
      expect.arrayContaining([
        'accountingEntryList.status',
        'accountingAccountList.class',
        'approvalsRequestList.status',
      ]),
    );
    for (const asked of all) {
      const answers = await ask(asked, { [asked.list]: [] });
      const failed = answers.flatMap(({ errors }) => errors ?? []).filter((e) => !/forbidden$|-not-found$/.test(e.extensions.problem.code)); // prettier-ignore
      expect([asked.name, asked.list, failed]).toEqual([asked.name, asked.list, []]);
      const found = answers.flatMap(({ data }) => data?.[asked.name]?.items ?? []);
      expect([asked.name, asked.list, found]).toEqual([asked.name, asked.list, []]);
    }
  });

  it('with more values than a statement has parameters is answered', async () => {
    const asked = lists().find(({ name, list }) => name === 'accountingAccountList' && list === 'class')!;
    const answers = await ask(asked, { class: Array.from({ length: 70_000 }, () => 'asset') });
    const items = expect.arrayContaining([expect.objectContaining({ class: 'asset' })]);
    expect(answers.at(1)).toMatchObject({ data: { accountingAccountList: { items } } });
  });
});
