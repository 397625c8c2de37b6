/*
 * Statements that PostgreSQL parses once per connection and plans anew only while that pays: named by the driver, under names that
 * count up. Names are never used twice, so a statement that could not be prepared leaves nothing behind. The text is the key: the
 * statements of a read model that was rebuilt name another schema and are others, and those of before are given up in time.
 */

/** On one connection. Each takes some 50 kB of the server's memory. */
export const mostPrepared = 100;

/** What the driver's connection knows of statements; its types do not list it. */
export interface PreparedOn {
  /** Those that the server has parsed, by name. */
  readonly parsedStatements: Record<string, string>;
  /** Sent with the next statement; allowed in a failed transaction too. */
  close(message: { readonly type: 'S'; readonly name: string }): void;
}

interface Query {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly name?: string;
}
type Ask = (query: unknown, values?: unknown) => unknown;

/** The server's: the statement is gone, or what it reads was altered since it was planned. It has to be prepared anew. */
const isStale = ({ code }: { readonly code?: unknown }): boolean => code === '26000' || code === '0A000';

export class PreparedStatements {
  readonly #names = new Map<string, string>();
  #made = 0;

  constructor(private readonly connection: PreparedOn) {}

  /** Asks with a name where a statement has values; any other as it is. */
  ask(ask: Ask, given: readonly unknown[]): Promise<unknown> {
    const query = queryIn(given);
    if (query === null) return ask(...(given as [unknown])) as Promise<unknown>;
    const name = this.#nameOf(query.text);
    return (ask({ ...query, name }) as Promise<unknown>).catch((error: { code?: unknown }) => {
      if (isStale(error) || this.connection.parsedStatements[name] === undefined) this.#giveUp(query.text, name);
      throw error;
    });
  }

  #nameOf(text: string): string {
    const name = this.#names.get(text) ?? `daybook_${(this.#made += 1)}`;
    this.#names.delete(text);
    this.#names.set(text, name);
    const [oldest] = this.#names;
    if (this.#names.size > mostPrepared && oldest) this.#giveUp(...oldest);
    return name;
  }

  #giveUp(text: string, name: string): void {
    if (this.#names.get(text) === name) this.#names.delete(text);
    if (this.connection.parsedStatements[name] === undefined) return;
    delete this.connection.parsedStatements[name];
    this.connection.close({ type: 'S', name });
  }
}

/** A text without parameters may be several statements, which cannot be prepared; one that names its values is one. */
function queryIn([first, second]: readonly unknown[]): Query | null {
  if (typeof first === 'string')
    return Array.isArray(second) && second.length > 0 ? { text: first, values: second } : null;
  const { text, values, name } = (first ?? {}) as Partial<Query>;
  return text !== undefined && Array.isArray(values) && name === undefined ? (first as Query) : null;
}
