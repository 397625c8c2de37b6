import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  Lexer,
  type SelectionSetNode,
  Source,
  TokenKind,
  visit,
} from 'graphql';

/*
 * Counts on a query before it is validated. Each takes linear time; the rules of graphql-js take quadratic time (they compare
 * fields of the same name pair by pair), so they run afterwards.
 */
const opening: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const closing: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** Which limit the text exceeds, if any; reads no further than needed. Throws when it is not GraphQL. */
export function exceeded(
  text: string,
  most: { readonly tokens: number; readonly nesting: number; readonly name: number },
): 'tokens' | 'nesting' | 'name' | null {
  const lexer = new Lexer(new Source(text));
  let tokens = 0;
  let open = 0;
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    if ((tokens += 1) > most.tokens) return 'tokens';
    if (token.kind === TokenKind.NAME && token.end - token.start > most.name) return 'name';
    if (opening.has(token.kind) && (open += 1) > most.nesting) return 'nesting';
    if (closing.has(token.kind)) open -= 1;
  }
  return null;
}

const counted = {
  [Kind.OPERATION_DEFINITION]: 'definitions',
  [Kind.FRAGMENT_DEFINITION]: 'fragments',
  [Kind.FRAGMENT_SPREAD]: 'spreads',
  [Kind.DIRECTIVE]: 'directives',
  [Kind.VARIABLE_DEFINITION]: 'variables',
} as const;
export type Counted = (typeof counted)[keyof typeof counted] | 'aliases';

/** How often each occurs in the document. */
export function countsOf(document: DocumentNode): Readonly<Record<Counted, number>> {
  const counts = { aliases: 0, definitions: 0, directives: 0, fragments: 0, spreads: 0, variables: 0 };
  visit(document, {
    enter: (node) => {
      if (node.kind === Kind.FIELD && node.alias) counts.aliases += 1;
      const kind = counted[node.kind as keyof typeof counted] as Counted | undefined;
      if (kind) counts[kind] += 1;
    },
  });
  return counts;
}

/** Fields for one place of the answer, with fragments expanded. */
interface Place {
  fields: number;
  readonly below: Map<string, Place>;
}

/**
 * Number of pairs of fields for the same place of the answer: graphql-js compares each pair, with everything below. null when
 * the query, with fragments expanded, has more than `most` selections: a few lines can expand to millions.
 */
export function repeatsIn(document: DocumentNode, most: number): number | null {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  let selections = 0;
  let repeats = 0;
  const write = (set: SelectionSetNode, into: Map<string, Place>, within: readonly string[]): void => {
    for (const selection of set.selections) {
      if ((selections += 1) > most) return;
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        write(selection.selectionSet, into, within);
      } else if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const name = selection.name.value;
        const fragment = fragments.get(name);
        // A fragment that spreads itself is rejected by validation.
        if (fragment && !within.includes(name)) write(fragment.selectionSet, into, [...within, name]);
      } else {
        const name = (selection.alias ?? selection.name).value;
        let place = into.get(name);
        if (!place) into.set(name, (place = { fields: 0, below: new Map() }));
        repeats += place.fields;
        place.fields += 1;
        if (selection.selectionSet) write(selection.selectionSet, place.below, within);
      }
    }
  };
  for (const node of document.definitions) {
    if (node.kind === Kind.OPERATION_DEFINITION) write(node.selectionSet, new Map(), []);
    else if (node.kind === Kind.FRAGMENT_DEFINITION) write(node.selectionSet, new Map(), [node.name.value]);
  }
  return selections > most ? null : repeats;
}
