import { amount, decimal, instant, plainDate } from '@daybook/kernel';
import { type GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema, printSchema, validateSchema } from 'graphql';
import * as z from 'zod';
import { toPlain } from './input.js';
import { GraphqlTypes } from './types.js';

const side = z.enum(['debit', 'credit']).meta({ id: 'Side' });
const line = z.object({ side, amount, note: z.string().nullable() }).meta({ id: 'Line', description: 'A line' });
const target = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('account'), number: z.string() }),
  z.object({ kind: z.literal('cost-centre'), code: z.string().optional() }),
]);

const print = (io: 'input' | 'output', schema: z.ZodObject, name = 'Thing'): string => {
  const types = new GraphqlTypes();
  const thing =
    io === 'input'
      ? {
          type: new GraphqlTypes().output(z.object({ ok: z.boolean() }), 'Ok'),
          args: { input: { type: types.input(schema, name) } },
        }
      : { type: types.output(schema, name) };
  const built = new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields: { thing } }) });
  expect(validateSchema(built)).toEqual([]);
  return printSchema(built);
};

describe('GraphQL types from zod', () => {
  it('names types by their meta id, inputs with the suffix Input, and distinguishes required from optional fields', () => {
    const input = print(
      'input',
      z.object({ lines: z.array(line), text: z.string().optional(), limit: z.int().default(5) }),
    );
    expect(input).toContain('lines: [LineInput!]!\n  text: String\n  limit: Int\n');
    expect(input).toContain('input LineInput {\n  side: Side!\n');
    expect(input).toContain('"""A line"""');
    const output = print('output', z.object({ lines: z.array(line), limit: z.int().default(5) }));
    expect(output).toContain('type Line {\n  side: Side!\n');
    expect(output).toContain('  note: String\n');
    expect(output).toContain('limit: Int!');
  });

  it('maps exact text to scalars that reject JSON numbers', () => {
    const schema = z.object({ amount, rate: decimal, date: plainDate, at: instant });
    const printed = print('output', schema);
    for (const name of ['Amount', 'Decimal', 'PlainDate', 'Instant']) expect(printed).toContain(`scalar ${name}`);
    const type = new GraphqlTypes().input(schema, 'Thing') as GraphQLInputObjectType;
    const scalar = (type.getFields()['amount']?.type as { ofType: { parseValue(v: unknown): unknown } }).ofType;
    expect(scalar.parseValue('1.50')).toBe('1.50');
    expect(() => scalar.parseValue(1.5)).toThrow('Amount is text');
  });

  it('maps a union to a union type in outputs and to a @oneOf input in inputs, and converts it back', () => {
    const schema = z.object({ target, other: target.nullable() });
    const output = print('output', schema);
    expect(output).toContain('union ThingTarget = ThingTargetAccount | ThingTargetCostCentre');
    expect(output).toContain('other: ThingOther\n');
    expect(print('input', schema)).toContain('input ThingTargetInput @oneOf {\n  account: ThingTargetAccountInput');
    const type = new GraphqlTypes().input(schema, 'Thing');
    expect(toPlain(type, { target: { account: { number: '1920' } }, other: null })).toEqual({
      target: { kind: 'account', number: '1920' },
      other: null,
    });
    expect(toPlain(type, { target: { cost_centre: { code: null } } })).toEqual({ target: { kind: 'cost-centre' } });
  });

  it('maps maps, unknown values and mixed lists to JSON, ids to ID, and enum values with dashes to names', () => {
    const printed = print(
      'output',
      z.object({
        map: z.record(z.string(), z.int()),
        any: z.unknown(),
        mixed: z.union([z.string(), z.number()]),
        pair: z.tuple([z.string(), z.int()]),
        id: z.uuid(),
        state: z.literal('not-sealed'),
        status: z.enum(['on-hold', 'open']),
        on: z.literal(true),
      }),
    );
    expect(printed).toContain('map: JSON!\n  any: JSON\n  mixed: JSON!\n  pair: JSON!\n  id: ID!');
    expect(printed).toContain('state: String!\n  status: ThingStatus!\n');
    expect(printed).toContain('enum ThingStatus {\n  on_hold\n  open\n}');
    expect(printed).toContain('on: Boolean!');
  });

  it('rejects two different schemas with one id', () => {
    const types = new GraphqlTypes();
    types.output(z.object({ a: z.object({ x: z.int() }).meta({ id: 'Same' }) }), 'A');
    expect(() => types.output(z.object({ a: z.object({ y: z.int() }).meta({ id: 'Same' }) }), 'B')).toThrow(
      'Two schemas have the id Same',
    );
  });
});
