import {
  type ASTVisitor,
  type FieldNode,
  getNamedType,
  getNullableType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { limitError } from './errors.js';

/*
 * What one GraphQL request may ask for. Each operation it calls is limited again where operations are dispatched, so
 * that aliases do not pass rate limits (DECISIONS 10); these limits bound the work of one request.
 */
export const graphqlLimits = {
  /** Characters of the document; values belong into variables. */
  characters: 50_000,
  tokens: 10_000,
  depth: 12,
  aliases: 30,
  /** Fields of Query or Mutation, aliases counted each. */
  operations: 20,
  /** Fields answered, with rows of a page counted as asked for and other lists as 10. */
  cost: 20_000,
} as const;

const costOfOperation = 10;
const rowsOfNestedList = 10;
const rowsOfPage = 50;

interface Measure {
  readonly cost: number;
  readonly depth: number;
  readonly operations: number;
}
const nothing: Measure = { cost: 0, depth: 0, operations: 0 };

/** Rows the first list below an operation may have: its `limit`, read from a literal or a variable. */
function pageOf(field: FieldNode, variables: Readonly<Record<string, unknown>>): number {
  const input = field.arguments?.find((argument) => argument.name.value === 'input')?.value;
  const read = (limit: unknown): number => (typeof limit === 'number' && limit > 0 ? limit : rowsOfPage);
  if (input?.kind === Kind.VARIABLE) return read((variables[input.name.value] as { limit?: unknown } | null)?.limit);
  if (input?.kind !== Kind.OBJECT) return rowsOfPage;
  const limit = input.fields.find((f) => f.name.value === 'limit')?.value;
  if (limit?.kind === Kind.INT) return read(Number(limit.value));
  return limit?.kind === Kind.VARIABLE ? read(variables[limit.name.value]) : rowsOfPage;
}

const hasList = (type: GraphQLOutputType): boolean => isListType(getNullableType(type));

/** Walks what would be answered, fragments once per place; each fragment is measured once, so that none can explode. */
class Walk {
  readonly #fragments = new Map<string, Measure | null>();

  constructor(
    readonly context: ValidationContext,
    readonly variables: Readonly<Record<string, unknown>>,
  ) {}

  root(operation: OperationDefinitionNode): Measure {
    const type = this.context.getSchema().getRootType(operation.operation);
    return this.#set(operation.selectionSet, type ?? undefined, null, true);
  }

  #set(set: SelectionSetNode, type: GraphQLNamedType | undefined, page: number | null, root: boolean): Measure {
    let sum = nothing;
    for (const selection of set.selections) {
      const measured =
        selection.kind === Kind.FIELD
          ? this.#field(selection, type, page, root)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? this.#set(selection.selectionSet, this.#named(selection.typeCondition?.name.value) ?? type, page, root)
            : this.#fragment(selection.name.value, page, root);
      sum = {
        cost: sum.cost + measured.cost,
        depth: Math.max(sum.depth, measured.depth),
        operations: sum.operations + measured.operations,
      };
    }
    return sum;
  }

  #fragment(name: string, page: number | null, root: boolean): Measure {
    const key = `${name} ${page} ${root}`;
    const known = this.#fragments.get(key);
    if (known !== undefined) return known ?? nothing;
    const fragment = this.context.getFragment(name);
    if (!fragment) return nothing;
    this.#fragments.set(key, null);
    const type = this.#named(fragment.typeCondition.name.value);
    const measured = this.#set(fragment.selectionSet, type, page, root);
    this.#fragments.set(key, measured);
    return measured;
  }

  #field(field: FieldNode, parent: GraphQLNamedType | undefined, page: number | null, root: boolean): Measure {
    const name = field.name.value;
    // Introspection answers from memory and has a depth rule of its own in the specification's rules.
    if (name.startsWith('__')) return { ...nothing, cost: 1 };
    const definition = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
    const own: Measure = { cost: root ? costOfOperation : 1, depth: 1, operations: root ? 1 : 0 };
    if (!definition || !field.selectionSet) return own;
    const list = hasList(definition.type);
    const rows = list ? (page ?? rowsOfNestedList) : 1;
    const pageBelow = root ? pageOf(field, this.variables) : list ? null : page;
    const below = this.#set(field.selectionSet, getNamedType(definition.type), pageBelow, false);
    return { ...own, cost: own.cost + rows * below.cost, depth: 1 + below.depth };
  }

  #named = (name: string | undefined): GraphQLNamedType | undefined =>
    name === undefined ? undefined : this.context.getSchema().getType(name);
}

/** The rules for one request; its variables say how many rows a page has. */
export function limitRules(variables: Readonly<Record<string, unknown>> = {}): ValidationRule[] {
  const rule = (context: ValidationContext): ASTVisitor => {
    let aliases = 0;
    const report = (code: string, message: string) => context.reportError(limitError(`platform.${code}`, message));
    const { depth, cost, operations } = graphqlLimits;
    return {
      Field: (node) => {
        if (node.alias) aliases += 1;
      },
      OperationDefinition: (node) => {
        const measured = new Walk(context, variables).root(node);
        if (measured.depth > depth) {
          report('graphql-too-deep', `The query is ${measured.depth} levels deep; ${depth} is the most.`);
        }
        if (measured.operations > operations) {
          report(
            'graphql-too-many-operations',
            `The request calls ${measured.operations} operations; ${operations} is the most.`,
          );
        }
        if (measured.cost > cost) {
          const costs = Math.round(measured.cost);
          report(
            'graphql-too-costly',
            `The query may answer ${costs} values; ${cost} is the most. Ask for fewer rows or fields.`,
          );
        }
      },
      Document: {
        leave: () => {
          if (aliases <= graphqlLimits.aliases) return;
          report(
            'graphql-too-many-aliases',
            `The request has ${aliases} aliases; ${graphqlLimits.aliases} is the most.`,
          );
        },
      },
    };
  };
  return [rule];
}
