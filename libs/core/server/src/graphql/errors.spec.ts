import { buildSchema, graphql, parse, validate } from 'graphql';
import { readVariables } from './variables.js';
import { withoutNames, withoutValues, wordsOf } from './errors.js';

const schema = buildSchema(`
  enum Kind { asset income }
  input Login { password: String!, tries: Int, kind: Kind }
  type Query { login(input: Login!): String }
`);
const secret = 'hunter2 hunter2';

describe('a GraphQL error', () => {
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
  ])('does not contain the value of a variable', async (variableValues, said) => {
    const source = 'query ($input: Login!) { login(input: $input) }';
    const { errors } = await graphql({ schema, source, variableValues });
    expect(withoutValues(errors![0]!.message)).toBe(said);
  });

  it.each([
    [`{ login(input: "${secret}") }`, 'Expected value of type "Login!".'],
    [`{ login(input: { password: 12, kind: hunter2 }) }`, 'String cannot represent a non string value.'],
    [`{ login(input: { password: "x", kind: hunter2 }) }`, 'This value does not exist in "Kind" enum.'],
    [`{ login(input: { password: "x", tries: "${secret}" }) }`, 'Int cannot represent non-integer value.'],
  ])('does not contain a value in the document: %s', (source, said) => {
    expect(withoutValues(validate(schema, parse(source))[0]!.message)).toBe(said);
  });

  it.each([[`{ login "${secret}" }`], [`{ login(input: "${secret}) }`], [`query "${secret}" { login }`]])(
    'does not contain what cannot be parsed: %s',
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

  it('is unchanged when no value was given', () => {
    const [error] = validate(schema, parse('{ logon }'));
    expect(withoutValues(error!.message)).toBe('Cannot query field "logon" on type "Query". Did you mean "login"?');
  });
});

describe('a GraphQL error while introspection is off', () => {
  const asked = (query: string, variables: object = {}): string[] => {
    const document = parse(query);
    const found = validate(schema, document, undefined, { hideSuggestions: true });
    const body = { query, variables };
    const operation = document.definitions[0];
    const read =
      operation?.kind === 'OperationDefinition'
        ? readVariables(schema, operation, variables as Record<string, unknown>, {
            maxErrors: 9,
            hideSuggestions: true,
          })
        : { values: {} };
    const all = [...found, ...('errors' in read ? read.errors : [])];
    return all.map(({ message }) => withoutNames(withoutValues(message), wordsOf(body)));
  };
  const names = /password|tries|kind|asset|income|Login|String|Kind|Query/;

  it.each([
    ['a field', '{ logi }', {}],
    ['a field without its argument', '{ login }', {}],
    ['an argument', '{ login(inpu: 1) }', {}],
    ['a field of an input', '{ login(input: { passwor: "x" }) }', {}],
    ['a value of an enum', '{ login(input: { password: "x", kind: asse }) }', {}],
    ['a type', 'query ($a: Logi) { login(input: $a) }', {}],
    ['a type of a fragment', '{ ...f } fragment f on Quer { login }', {}],
    ['a field of a variable', 'query ($a: Login!) { login(input: $a) }', { a: { passwor: 'x' } }],
    ['an enum in a variable', 'query ($a: Login!) { login(input: $a) }', { a: { password: 'x', kind: 'asse' } }],
    ['a missing field of a variable', 'query ($a: Login!) { login(input: $a) }', { a: {} }],
  ])('reveals no names of the schema for %s', (_, query, variables) => {
    const said = asked(query, variables);
    expect(said.length).toBeGreaterThan(0);
    const given = JSON.stringify({ query, variables });
    for (const one of said) {
      expect(one).not.toContain('Did you mean');
      expect(one.match(new RegExp(`\\b(?:${names.source})\\b`, 'g'))?.filter((name) => !new RegExp(`\\b${name}\\b`).test(given)) ?? []).toEqual([]); // prettier-ignore
    }
  });

  it('still repeats what was asked for', () => {
    expect(asked('{ logon }')).toEqual(['Cannot query field "logon".']);
  });
});
