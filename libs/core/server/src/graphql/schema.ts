import { camelName, isRejection, type Operation, pascalName } from '@daybook/kernel';
import {
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  isRequiredInputField,
} from 'graphql';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import type { OperationRequest } from '../dispatch/request.js';
import { problemOf } from '../problem.js';
import { problemError } from './errors.js';
import { toPlain } from './input.js';
import { listsIn, type Lookups } from './lookups.js';
import { GraphqlTypes } from './types.js';

/** Where resolvers run operations. */
export type GraphqlDispatcher = Pick<Dispatcher, 'operations' | 'run'>;

/** What resolvers see of the HTTP request; one for each request. */
export interface GraphqlContext {
  readonly request: OperationRequest;
  readonly lookups: Lookups;
}

interface Arguments {
  readonly input?: Record<string, unknown>;
  readonly key?: string | null;
  readonly expectedVersion?: number | null;
  readonly reason?: string | null;
  readonly minPosition?: string | null;
  readonly knownAt?: string | null;
}

const knownAtWords = 'As known at an earlier moment: an RFC 3339 instant, a trail number, or position:<n>';
const text = (description: string) => ({ type: GraphQLString, description });

function argumentsOf(operation: Operation, types: GraphqlTypes): GraphQLFieldConfigArgumentMap {
  const input = types.input(operation.input, pascalName(operation.name));
  const asked: GraphQLFieldConfigArgumentMap = {};
  if (input instanceof GraphQLInputObjectType) {
    const required = Object.values(input.getFields()).some(isRequiredInputField);
    asked['input'] = { type: required ? new GraphQLNonNull(input) : input };
  }
  if (operation.kind === 'query') {
    return {
      ...asked,
      minPosition: text('Wait (2 s at most) until reads have reached this position'),
      ...(operation.currentOnly ? {} : { knownAt: text(knownAtWords) }),
    };
  }
  if (operation.acceptsIdempotencyKey)
    asked['key'] = text('Idempotency key: the same key and input answer the first result again');
  if (operation.ifMatch !== 'none') {
    asked['expectedVersion'] = {
      type: operation.ifMatch === 'required' ? new GraphQLNonNull(GraphQLInt) : GraphQLInt,
      description: 'The version of the record that the caller saw; another one is refused',
    };
  }
  return { ...asked, reason: text('Why, for the audit trail') };
}

/** One field per operation; each aliased field is a call of its own, dispatched as in REST. */
function fieldOf(
  operation: Operation,
  types: GraphqlTypes,
  dispatcher: GraphqlDispatcher,
): GraphQLFieldConfig<unknown, GraphqlContext, Arguments> {
  const args = argumentsOf(operation, types);
  const input = args['input']?.type;
  return {
    description: [operation.title, operation.description].filter((part) => part !== '').join('. '),
    type: types.output(operation.output, `${pascalName(operation.name)}Result`),
    args,
    resolve: async (_source, given, { request, lookups }, info) => {
      const moment = { minPosition: given.minPosition ?? null, knownAt: given.knownAt ?? null };
      const asked = (input ? toPlain(input, given.input ?? {}) : {}) as { readonly companyId?: unknown };
      lookups.at(info.path.key, { ...moment, companyId: asked.companyId });
      const outcome = await dispatcher.run(operation, asked, {
        ...request,
        idempotencyKey: given.key ?? null,
        expectedVersion: given.expectedVersion ?? null,
        reason: given.reason ?? request.reason,
        ...moment,
      });
      if (isRejection(outcome)) throw problemError(problemOf(outcome, request.traceId));
      return outcome.value;
    },
  };
}

export function graphqlSchema(dispatcher: GraphqlDispatcher): GraphQLSchema {
  const types = new GraphqlTypes(listsIn(dispatcher.operations));
  const root = (name: string, kind: Operation['kind']) => {
    const operations = dispatcher.operations.filter((operation) => operation.kind === kind);
    if (operations.length === 0) return undefined;
    const fields = operations.map((o) => [camelName(o.name), fieldOf(o, types, dispatcher)] as const);
    return new GraphQLObjectType<unknown, GraphqlContext>({ name, fields: Object.fromEntries(fields) });
  };
  const query =
    root('Query', 'query') ??
    new GraphQLObjectType({ name: 'Query', fields: { id: { type: GraphQLID, resolve: () => null } } });
  return new GraphQLSchema({ query, mutation: root('Mutation', 'command') ?? null });
}
