import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  getNullableType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

const costOfOperation = 10;
const rowsOfNestedList = 10;
const rowsOfPage = 50;

export interface Measure {
  readonly cost: number;
  readonly depth: number;
  /** Fields of the query, and records that others name: those of one field are read at once, whatever the rows. */
  readonly operations: number;
}
const nothing: Measure = { cost: 0, depth: 0, operations: 0 };
/** What an operation costs besides what it answers. */
const withOperations = ({ cost, depth, operations }: Measure): Measure => ({
  cost: cost + operations * costOfOperation,
  depth,
  operations,
});

/** Rows of the first list below an operation: its `limit`, from a literal or a variable. */
function pageOf(field: FieldNode, variables: Readonly<Record<string, unknown>>): number {
  const input = field.arguments?.find((argument) => argument.name.value === 'input')?.value;
  const read = (limit: unknown): number => (typeof limit === 'number' && limit > 0 ? limit : rowsOfPage);
  if (input?.kind === Kind.VARIABLE) {
    return read((variables[input.name.value] as { limit?: unknown } | null | undefined)?.limit);
  }
  if (input?.kind !== Kind.OBJECT) return rowsOfPage;
  const limit = input.fields.find((f) => f.name.value === 'limit')?.value;
  if (limit?.kind === Kind.INT) return read(Number(limit.value));
  return limit?.kind === Kind.VARIABLE ? read(variables[limit.name.value]) : rowsOfPage;
}

const hasList = (type: GraphQLOutputType): boolean => isListType(getNullableType(type));

/**
 * Estimates what an operation would return, with the values its variables will have, defaults included. Fragments count
 * once per use but are measured once, so the estimate itself cannot explode.
 */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Measure {
  return new Walk(schema, document, variables).root(operation);
}

class Walk {
  readonly #measured = new Map<string, Measure | null>();
  readonly #fragments = new Map<string, FragmentDefinitionNode>();

  constructor(
    readonly schema: GraphQLSchema,
    document: DocumentNode,
    readonly variables: Readonly<Record<string, unknown>>,
  ) {
    for (const node of document.definitions) {
      if (node.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(node.name.value, node);
    }
  }

  root(operation: OperationDefinitionNode): Measure {
    const type = this.schema.getRootType(operation.operation);
    return withOperations(this.#set(operation.selectionSet, type ?? undefined, null, true));
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
    const known = this.#measured.get(key);
    if (known !== undefined) return known ?? nothing;
    const fragment = this.#fragments.get(name);
    if (!fragment) return nothing;
    this.#measured.set(key, null);
    const type = this.#named(fragment.typeCondition.name.value);
    const measured = this.#set(fragment.selectionSet, type, page, root);
    this.#measured.set(key, measured);
    return measured;
  }

  #field(field: FieldNode, parent: GraphQLNamedType | undefined, page: number | null, root: boolean): Measure {
    const name = field.name.value;
    // Introspection is answered from memory, and graphql-js limits its depth with a rule of its own.
    if (name.startsWith('__')) return { ...nothing, cost: 1 };
    const definition = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
    const isOperation = root || definition?.extensions['lookup'] === true;
    const own: Measure = { cost: root ? 0 : 1, depth: 1, operations: isOperation ? 1 : 0 };
    if (!definition || !field.selectionSet) return own;
    const list = hasList(definition.type);
    const rows = list ? (page ?? rowsOfNestedList) : 1;
    const pageBelow = root ? pageOf(field, this.variables) : list ? null : page;
    const below = this.#set(field.selectionSet, getNamedType(definition.type), pageBelow, false);
    return {
      cost: own.cost + rows * below.cost,
      depth: 1 + below.depth,
      operations: own.operations + below.operations,
    };
  }

  #named = (name: string | undefined): GraphQLNamedType | undefined =>
    name === undefined ? undefined : this.schema.getType(name);
}
