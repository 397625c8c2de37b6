import type { Operation } from '@daybook/kernel';
import { Definitions, idOfRef, type Io, type JsonSchema } from './json-schema.js';

export type OpenApi = Readonly<Record<string, unknown>>;

const refsIn = (value: unknown): string[] =>
  Array.isArray(value)
    ? value.flatMap(refsIn)
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, v]) => (key === '$ref' ? [idOfRef(String(v))] : refsIn(v)))
      : [];

/**
 * The schemas of all operations, named by their meta id. Where input and output differ (a field with a default is optional
 * in the input), the input schema ends in `Input`; most are the same and occur once.
 */
export class Components {
  readonly #definitions = { input: new Definitions('input'), output: new Definitions('output') };
  readonly #printed = new Map<Operation, { input: JsonSchema; output: JsonSchema }>();
  readonly #different: ReadonlySet<string>;
  readonly schemas: Readonly<Record<string, JsonSchema>>;

  constructor(operations: readonly Operation[]) {
    for (const operation of operations) {
      const input = this.#definitions.input.schemaOf(operation.input);
      this.#printed.set(operation, { input, output: this.#definitions.output.schemaOf(operation.output) });
    }
    this.#different = this.#findDifferent();
    this.schemas = this.#findSchemas();
  }

  /** The schemas of the operation, with references into the document. */
  of(operation: Operation): { input: JsonSchema; output: JsonSchema } {
    const printed = this.#printed.get(operation);
    if (!printed) throw new Error(`${operation.name} is not among the operations of the document`);
    return { input: this.#refer(printed.input, 'input'), output: this.#refer(printed.output, 'output') };
  }

  #findSchemas(): Record<string, JsonSchema> {
    const all = (['output', 'input'] as const).flatMap((io) =>
      this.#definitions[io].entries().map(([id, schema]) => [this.#nameOf(id, io), this.#refer(schema, io)] as const),
    );
    return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #findDifferent(): Set<string> {
    const inputs = new Map(this.#definitions.input.entries());
    const outputs = new Map(this.#definitions.output.entries());
    const shared = [...inputs.keys()].filter((id) => outputs.has(id));
    const different = new Set(
      shared.filter((id) => JSON.stringify(inputs.get(id)) !== JSON.stringify(outputs.get(id))),
    );
    for (let before = -1; before !== different.size;) {
      before = different.size;
      for (const [id, schema] of inputs) if (refsIn(schema).some((ref) => different.has(ref))) different.add(id);
    }
    return different;
  }

  #nameOf = (id: string, io: Io): string => (io === 'input' && this.#different.has(id) ? `${id}Input` : id);

  #refer<T>(value: T, io: Io): T {
    if (Array.isArray(value)) return value.map((item) => this.#refer(item as unknown, io)) as T;
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, v]) =>
      key === '$ref'
        ? [key, `#/components/schemas/${this.#nameOf(idOfRef(String(v)), io)}`]
        : [key, this.#refer(v, io)],
    );
    return Object.fromEntries(entries) as T;
  }
}
