import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

/*
 * The OpenAPI document as an oracle: which operation a URL belongs to, and whether the document allows a response.
 * Everything the document does not say of an answer (a stack trace, a line of SQL, a path of the machine) is a fault.
 */
export interface Schema {
  readonly [key: string]: unknown;
  readonly $ref?: string;
  readonly type?: string | readonly string[];
}
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}
export interface DocumentedResponse {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
  readonly headers?: Readonly<Record<string, { readonly required?: boolean }>>;
}
export interface Documented {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** null: open to anybody. */
  readonly permission: string | null;
  readonly parameters: readonly Parameter[];
  readonly body: { readonly type: string; readonly schema: Schema } | null;
  readonly responses: Readonly<Record<string, DocumentedResponse>>;
  readonly pointer: string;
}
export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly payload: string;
}

type Json = Record<string, unknown>;

/** What must never be in a response: stack traces, SQL, file names, messages of the runtime. */
const leaks = [
  /\n\s+at [^\n]+[:(]/,
  /node_modules|\/libs\/|\/dist\/|\/work\/|file:\/\//,
  /\.(ts|js|mjs):\d+/,
  /\b(select|insert into|update|delete from)\b[^"]{1,80}\b(from|values|set|where)\b/i,
  /syntax error at|violates|relation "|invalid byte sequence|invalid input syntax|SQLSTATE|pg_catalog|ECONNREFUSED/,
  /Cannot (read|set) propert|is not a function|is not iterable|\[object Object\]|(?<!Syntax )Error: /,
  /ZodError|TypeError|RangeError|SyntaxError|QueryFailed|DriverException/,
] as const;

export const leakIn = (text: string): string | null =>
  leaks.map((pattern) => pattern.exec(text)?.[0]).find((found) => found !== undefined) ?? null;

const escaped = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');

export class ApiDocument {
  readonly operations: readonly Documented[];
  readonly #ajv: Ajv2020;
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(readonly json: Json) {
    this.#ajv = new Ajv2020({ strict: false, allErrors: false });
    formats.default(this.#ajv);
    this.#ajv.addSchema(json, 'api');
    this.operations = Object.entries(json['paths'] as Record<string, Record<string, Json>>).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, item]) => this.#read(path, method, item)),
    );
  }

  /** A schema or parameter with its reference followed. */
  resolve<T>(value: T): T {
    const { $ref } = (value ?? {}) as { $ref?: string };
    if ($ref === undefined) return value;
    const parts = $ref.slice(2).split('/');
    return this.resolve(parts.reduce<unknown>((at, part) => (at as Json)[part], this.json) as T);
  }

  /** The operation that answers this address, as the router reads it: fixed words win over fields. */
  at(method: string, url: string): Documented | null {
    const path = new URL(url, 'http://daybook.test').pathname;
    const candidates = this.operations.filter((operation) => {
      if (operation.method !== method) return false;
      return new RegExp(`^${operation.path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`).test(path);
    });
    return candidates.sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0] ?? null;
  }

  /** What is wrong with an answer; null where the document allows it. */
  fault(operation: Documented | null, answer: Answer): string | null {
    const { statusCode: status, payload } = answer;
    if (status === 500 || (status > 500 && (status !== 503 || answer.headers['retry-after'] === undefined))) {
      return `a ${status}: ${payload.slice(0, 300)}`;
    }
    const leak = leakIn(payload);
    if (leak !== null) return `it tells of its inside: ${leak}`;
    const type = String(answer.headers['content-type'] ?? '').split(';')[0] ?? '';
    if (operation === null) {
      // 403: a page of another site is refused before anybody looks what is there.
      if (![400, 403, 404, 405, 413, 414, 415].includes(status)) {
        return `no operation is there, but it answers ${status}`;
      }
      return type === 'application/problem+json' ? this.#mismatch('Problem', payload) : `it is ${type || 'nothing'}`;
    }
    const documented = operation.responses[status];
    if (!documented) return `${status} is not documented: ${payload.slice(0, 300)}`;
    const content = documented.content?.[type];
    if (!content) return `${type || 'no content type'} is not documented for ${status}`;
    for (const [name, header] of Object.entries(documented.headers ?? {})) {
      const isMissing = answer.headers[name.toLowerCase()] === undefined;
      if (isMissing && this.resolve(header).required === true) return `${status} without ${name}`;
    }
    if (type === 'application/problem+json') {
      const problem = JSON.parse(payload) as { status: unknown; code: string };
      if (problem.status !== status) return `the problem says ${String(problem.status)}, the answer ${status}`;
      return this.#mismatch('Problem', payload);
    }
    if (type !== 'application/json') return null;
    const pointer = `${operation.pointer}/responses/${status}/content/${escaped(type)}/schema`;
    return this.#mismatch(pointer, payload);
  }

  /** How a JSON text differs from a schema: a name in the components, or a pointer into the document. */
  #mismatch(schema: string, payload: string): string | null {
    const pointer = schema.startsWith('/') ? schema : `/components/schemas/${schema}`;
    let validate = this.#validators.get(pointer);
    if (!validate) {
      const encoded = pointer.split('/').map(encodeURIComponent).join('/');
      this.#validators.set(pointer, (validate = this.#ajv.compile({ $ref: `api#${encoded}` })));
    }
    try {
      if (validate(JSON.parse(payload))) return null;
    } catch {
      return `it is not JSON: ${payload.slice(0, 100)}`;
    }
    const [error] = validate.errors ?? [];
    return `${error?.instancePath ?? ''} ${error?.message ?? 'does not fit'}: ${payload.slice(0, 300)}`;
  }

  /** The problem document of an error in GraphQL. */
  problemFault = (problem: unknown): string | null => this.#mismatch('Problem', JSON.stringify(problem ?? null));

  #read(path: string, method: string, item: Json): Documented {
    const parameters = ((item['parameters'] ?? []) as Parameter[]).map((one) => this.resolve(one));
    const content = (item['requestBody'] as { content?: Record<string, { schema: Schema }> } | undefined)?.content;
    const [type, given] = Object.entries(content ?? {})[0] ?? [];
    const security = item['security'] as unknown[] | undefined;
    return {
      id: String(item['operationId']),
      method: method.toUpperCase(),
      path,
      permission: security?.length === 0 ? null : ((item['x-permission'] as string | undefined) ?? ''),
      parameters,
      body: type === undefined || given === undefined ? null : { type, schema: given.schema },
      responses: Object.fromEntries(
        Object.entries(item['responses'] as Record<string, DocumentedResponse>).map(([status, response]) => [
          status,
          this.resolve(response),
        ]),
      ),
      pointer: `/paths/${escaped(path)}/${method}`,
    };
  }
}
