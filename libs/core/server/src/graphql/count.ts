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
 * What can be counted of a query before anything looks at its meaning. Each count takes time in proportion to the text;
 * graphql-js's own rules take its square (two fields of one name are compared with each other), so they come after.
 */
const opening: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const closing: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** Whether a text stays within these numbers; reads no further than it must. Throws where it is no GraphQL. */
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

/** How many of each there are in the document. */
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

/** Fields that would stand in one place of the answer, in a query with its fragments written out. */
interface Place {
  fields: number;
  readonly below: Map<string, Place>;
}

/**
 * Pairs of fields that name the same place of the answer: each is compared with each other, with all below them. null
 * when the query, with its fragments written out, has more than `most` selections: a few lines can stand for millions.
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
        // One that spreads itself is refused by the rules of the language.
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
