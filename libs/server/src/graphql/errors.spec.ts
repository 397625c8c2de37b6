import { buildSchema, graphql, parse, validate } from 'graphql';
import { withoutValues } from './errors.js';

const schema = buildSchema(`
  enum Kind { asset income }
  input Login { password: String!, tries: Int, kind: Kind }
  type Query { login(input: Login!): String }
`);
const secret = 'hunter2 hunter2';

describe('what GraphQL finds wrong', () => {
  it.each([
    [{ input: secret }, 'Variable "$input" got an invalid value; Expected type "Login" to be an object.'],
    [
      { input: { password: 'x', tries: secret } },
      'Variable "$input" got an invalid value at "input.tries"; Int cannot represent non-integer value.',
    ],
    [
      { input: { password: { deep: secret } } },
      'Variable "$input" got an invalid value at "input.password"; String cannot represent a non string value.',
    ],
    [
      { input: { tries: 1, other: secret } },
      'Variable "$input" got an invalid value; Field "password" of required type "String!" was not provided.',
    ],
    [
      { input: { password: 'x', kind: secret } },
      'Variable "$input" got an invalid value at "input.kind"; This value does not exist in "Kind" enum.',
    ],
  ])('is said without the value of a variable', async (variableValues, said) => {
    const source = 'query ($input: Login!) { login(input: $input) }';
    const { errors } = await graphql({ schema, source, variableValues });
    expect(withoutValues(errors![0]!.message)).toBe(said);
  });

  it.each([
    [`{ login(input: "${secret}") }`, 'Expected value of type "Login!".'],
    [`{ login(input: { password: 12, kind: hunter2 }) }`, 'String cannot represent a non string value.'],
    [`{ login(input: { password: "x", kind: hunter2 }) }`, 'This value does not exist in "Kind" enum.'],
    [`{ login(input: { password: "x", tries: "${secret}" }) }`, 'Int cannot represent non-integer value.'],
  ])('is said without a value in the document: %s', (source, said) => {
    expect(withoutValues(validate(schema, parse(source))[0]!.message)).toBe(said);
  });

  it.each([[`{ login "${secret}" }`], [`{ login(input: "${secret}) }`], [`query "${secret}" { login }`]])(
    'is said without what cannot be read: %s',
    (source) => {
      let message = '';
      try {
        parse(source);
      } catch (error) {
        message = withoutValues((error as Error).message);
      }
      expect(message).toMatch(/^Syntax Error: /);
      expect(message).not.toContain('hunter2');
    },
  );

  it('is said as it is where nothing was given', () => {
    const [error] = validate(schema, parse('{ logon }'));
    expect(withoutValues(error!.message)).toBe('Cannot query field "logon" on type "Query". Did you mean "login"?');
  });
});
