import {
  coerceInputValue,
  GraphQLError,
  type GraphQLSchema,
  isInputType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
  valueFromAST,
} from 'graphql';

/** A longer message repeats the value and does not help. */
const longestReason = 500;

/** Stops reading variables once there are enough errors. */
class Enough extends Error {}

const pathOf = (path: readonly (string | number)[]): string =>
  path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');

/**
 * Coerces the variables of an operation, defaults included. graphql-js does so again when it runs, but its messages repeat
 * the value around each error, up to 50 times, however long it is.
 */
export function readVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
  options: { readonly maxErrors: number; readonly hideSuggestions: boolean },
): { values: Record<string, unknown> } | { errors: readonly GraphQLError[] } {
  const values: Record<string, unknown> = {};
  const errors: GraphQLError[] = [];
  for (const definition of operation.variableDefinitions ?? []) {
    const name = definition.variable.name.value;
    const type = typeFromAST(schema, definition.type);
    const wrong = (message: string) => errors.push(new GraphQLError(message, { nodes: definition }));
    // Validation reports unknown types.
    if (!isInputType(type)) continue;
    if (!Object.hasOwn(given, name)) {
      if (definition.defaultValue) values[name] = valueFromAST(definition.defaultValue, type);
      else if (isNonNullType(type)) {
        wrong(`Variable "$${name}" of required type "${String(type)}" was not provided.`);
      }
    } else if (given[name] === null && isNonNullType(type)) {
      wrong(`Variable "$${name}" of non-null type "${String(type)}" must not be null.`);
    } else {
      try {
        values[name] = coerceInputValue(
          given[name],
          type,
          (path, _value, { message }) => {
            const where = path.length > 0 ? ` at "${name}${pathOf(path)}"` : '';
            const reason = message.length > longestReason ? 'It does not fit its type.' : message;
            wrong(`Variable "$${name}" got an invalid value${where}; ${reason}`);
            if (errors.length >= options.maxErrors) throw new Enough();
          },
          options.hideSuggestions,
        );
      } catch (error) {
        if (!(error instanceof Enough)) throw error;
      }
    }
    if (errors.length >= options.maxErrors) break;
  }
  return errors.length > 0 ? { errors } : { values };
}
