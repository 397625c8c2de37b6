import { field, listOf, type Operation, readOf, record, reject, type Rejection } from '@daybook/kernel';
import { getOperationAST, graphql, parse } from 'graphql';
import { type Answered, internalRequest, type OperationRequest } from '../dispatch/request.js';
import { costOf } from './cost.js';
import { Lookups } from './lookups.js';
import { type GraphqlDispatcher, graphqlSchema } from './schema.js';

const id = (n: number): string => `0199a9b2-0000-7000-8000-${String(n).padStart(12, '0')}`;
const member = record('club.member', {
  one: 'member', many: 'members', icon: 'user', calledBy: 'name',
  fields: { name: field.text('Name'), sponsor: field.reference('Sponsor', 'club.member', { optional: true }) },
}); // prettier-ignore
const rental = record('club.rental', {
  one: 'rental', many: 'rentals', icon: 'key', calledBy: 'title',
  fields: { title: field.text('Title'), by: field.reference('By', 'club.member') },
}); // prettier-ignore
const locker = record('club.locker', {
  one: 'locker', many: 'lockers', icon: 'key', calledBy: 'label', within: 'company',
  fields: { label: field.text('Label'), beside: field.reference('Beside', 'club.locker', { optional: true }) },
}); // prettier-ignore
const listLockers = listOf(locker, { sorts: ['label'] });
const listMembers = listOf(member, { sorts: ['name'] });
const listRentals = listOf(rental, { sorts: ['title'] });
const rental_ = (n: number, by: number) => ({ id: id(n), title: `Rental ${n}`, by: id(by), version: 1 });

class Recording implements GraphqlDispatcher {
  readonly operations: readonly Operation[] = [listMembers, readOf(member), listRentals, listLockers];
  readonly asked: { name: string; input: Record<string, unknown>; knownAt: string | null }[] = [];
  refused: Rejection | null = null;
  async run(operation: Operation, input: unknown, { knownAt }: OperationRequest): Promise<Answered | Rejection> {
    this.asked.push({ name: operation.name, input: input as Record<string, unknown>, knownAt });
    if (operation === listRentals) return answered([rental_(50, 1), rental_(51, 2), rental_(52, 1), rental_(53, 9)]);
    if (operation === listLockers) {
      const { id: ids } = input as { id?: string[] };
      return answered([ids ? { id: id(2), label: 'Second', beside: null, version: 1 } : { id: id(1), label: 'First', beside: id(2), version: 1 }]); // prettier-ignore
    }
    if (this.refused) return this.refused;
    const ids = (input as { id: string[] }).id;
    const known = [1, 2].filter((n) => ids.includes(id(n)));
    return answered(
      known.map((n) => ({ id: id(n), name: `Member ${n}`, sponsor: n === 1 ? id(2) : null, version: 1 })),
    );
  }
}
const answered = (items: object[]): Answered => ({ kind: 'answered', value: { items, next: null } });

describe('a record that others name, as a field', () => {
  const ask = async (source: string, dispatcher = new Recording()) => {
    const request = internalRequest({ tenant: id(0), actor: { kind: 'system', id: 'spec' }, channel: 'graphql', traceId: 't' }); // prettier-ignore
    const contextValue = { request, lookups: new Lookups(dispatcher, request) };
    const answer = await graphql({ schema: graphqlSchema(dispatcher), source, contextValue });
    return { ...answer, asked: dispatcher.asked };
  };

  it('is read once for all rows of a level, by the list of its type', async () => {
    const { data, errors, asked } = await ask('{ clubRentalList { items { title by { name sponsor { name } } } } }');
    expect(errors).toBeUndefined();
    const [first, second, third, gone] = (data as { clubRentalList: { items: object[] } }).clubRentalList.items;
    expect(first).toEqual({ title: 'Rental 50', by: { name: 'Member 1', sponsor: { name: 'Member 2' } } });
    expect(second).toMatchObject({ by: { name: 'Member 2', sponsor: null } });
    expect(third).toMatchObject({ by: { name: 'Member 1' } });
    expect(gone).toMatchObject({ by: null });
    expect(asked.map(({ name, input }) => [name, input['id']])).toEqual([
      ['club.rental.list', undefined],
      ['club.member.list', [id(1), id(2), id(9)]],
      ['club.member.list', [id(2)]],
    ]);
  });

  it('is read at the moment that the field of the query asks for', async () => {
    const { asked } = await ask(`{
      now: clubRentalList { items { by { name } } }
      then: clubRentalList(knownAt: "7") { items { by { name } } }
    }`);
    expect(asked.filter(({ name }) => name === 'club.member.list').map(({ knownAt }) => knownAt).sort()).toEqual(['7', null]); // prettier-ignore
  });

  it('is one of the company that the field of the query names', async () => {
    const { data, asked } = await ask(
      `{ clubLockerList(input: { companyId: "${id(7)}" }) { items { beside { label } } } }`,
    );
    expect(data).toMatchObject({ clubLockerList: { items: [{ beside: { label: 'Second' } }] } });
    expect(asked.map(({ input }) => [input['companyId'], input['id']])).toEqual([[id(7), undefined], [id(7), [id(2)]]]); // prettier-ignore
  });

  it('costs no read where only its id is asked for', async () => {
    const { data, asked } = await ask('{ clubRentalList { items { by { id } } } }');
    expect(data).toMatchObject({ clubRentalList: { items: [{ by: { id: id(1) } }, {}, {}, {}] } });
    expect(asked).toHaveLength(1);
  });

  it('is null for those who may not read such records, and an error for what else refuses them', async () => {
    const dispatcher = new Recording();
    dispatcher.refused = reject('platform.forbidden', 'You cannot do this.', { status: 403 });
    const { data, errors } = await ask('{ clubRentalList { items { title by { name } } } }', dispatcher);
    expect([errors, data]).toMatchObject([undefined, { clubRentalList: { items: [{ title: 'Rental 50', by: null }, {}, {}, {}] } }]); // prettier-ignore
    dispatcher.refused = reject('platform.projection-parked', 'It has stopped.', { status: 503 });
    const parked = await ask('{ clubRentalList { items { by { name } } } }', dispatcher);
    expect(parked.errors?.[0]?.extensions).toMatchObject({ problem: { code: 'platform.projection-parked' } });
  });

  it('counts as an operation, once for all rows', () => {
    const schema = graphqlSchema(new Recording());
    const cost = (text: string) => {
      const document = parse(text);
      return costOf(schema, document, getOperationAST(document)!, {});
    };
    const plain = cost('{ clubRentalList { items { title } } }');
    const named = cost('{ clubRentalList { items { title by { name } } } }');
    expect([plain.operations, named.operations]).toEqual([1, 2]);
    expect(named.cost - plain.cost).toBe(10 + 2 * 50);
  });
});
