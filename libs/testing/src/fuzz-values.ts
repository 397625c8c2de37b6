import fc from 'fast-check';
import type { ApiDocument, Schema } from './openapi-document.js';

/*
 * Arbitrary input: values that fit a schema (with ids of records that exist where the field is named like one), and values
 * that fit nothing. Half of a fuzz that only sends nonsense is answered by the first check and never gets further.
 */
export type Pool = Readonly<Record<string, readonly unknown[]>>;

/** What breaks parsers, stores and careless code. */
export const weird: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null, '', ' ', '\0', 'a\0b', '\ud800', 'x\udfff', '__proto__', 'constructor', 'toString', '../../etc/passwd',
    "' or 1=1 --", '${7*7}', '{{7*7}}', '<script>alert(1)</script>', '=1+1', '%00', '\r\nx: y', '\u202e\u200b\ufeff',
    'NaN', 'Infinity', '-0', '1e999', 'x'.repeat(20_000), '9'.repeat(400), true, false, 0, -1, -0, 1e308, 2 ** 53, 1.5,
    -(2 ** 63), [], {}, [[]], [null], [{}], '2026-02-30', '9999-12-31T23:59:60Z', '00000000-0000-0000-0000-000000000000',
  ), // prettier-ignore
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.double(),
  fc.bigInt().map(String),
  fc.jsonValue({ maxDepth: 4 }),
);

const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0');
const date = fc
  .tuple(fc.integer({ min: 2025, max: 2027 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .map(([year, month, day]) => `${year}-${pad(month)}-${pad(day)}`);
const byFormat: Readonly<Record<string, fc.Arbitrary<string>>> = {
  uuid: fc.uuid({ version: [4, 7] }),
  date,
  'date-time': date.map((day) => `${day}T10:00:00Z`),
  email: fc
    .tuple(fc.stringMatching(/^[a-z]{1,8}$/), fc.constantFrom('example', 'test'))
    .map(([a, b]) => `${a}@fuzz.${b}`),
  uri: fc.constant('https://fuzz.example/'),
};

const number = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);

export class FuzzValues {
  readonly #depth = 6;

  constructor(
    readonly document: ApiDocument,
    readonly pool: Pool,
  ) {}

  /** Values that the schema allows, nearly always. */
  fitting(given: Schema, name = '', depth = 0): fc.Arbitrary<unknown> {
    const schema = this.document.resolve(given);
    const known = this.pool[name];
    const made = this.#made(schema, name, depth);
    if (!known || known.length === 0 || schema.type === 'array' || schema.type === 'object') return made;
    // Any other position would be waited for, two seconds long.
    const rarely = name === 'min-position' ? 0 : 1;
    return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, { weight: rarely, arbitrary: made });
  }

  /** Fields of an object, each fitting; then, now and then, one of them weird, missing or unknown. */
  fields(schema: Schema): fc.Arbitrary<Record<string, unknown>> {
    const names = Object.keys((this.document.resolve(schema)['properties'] ?? {}) as object);
    const fitting = this.fitting(schema) as fc.Arbitrary<Record<string, unknown>>;
    const name = fc.oneof(
      ...(names.length > 0 ? [{ weight: 6, arbitrary: fc.constantFrom(...names) }] : []),
      { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'tenant', 'limit', 'x\0', 'a.b', '') },
      { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
    );
    const changed = fc
      .tuple(fitting, name, weird)
      .map(([fields, field, value]) => Object.fromEntries([...Object.entries(fields ?? {}), [field, value]]));
    return fc.oneof({ weight: 3, arbitrary: fitting }, { weight: 2, arbitrary: changed });
  }

  #made(schema: Schema, name: string, depth: number): fc.Arbitrary<unknown> {
    if (depth > this.#depth) return fc.constant(null);
    if ('const' in schema) return fc.constant(schema['const']);
    if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
    const options = (schema['anyOf'] ?? schema['oneOf']) as Schema[] | undefined;
    if (options) return fc.oneof(...options.map((option) => this.fitting(option, name, depth + 1)));
    const parts = schema['allOf'] as Schema[] | undefined;
    if (parts?.[0]) return this.fitting(parts[0], name, depth + 1);
    const type = Array.isArray(schema.type) ? (schema.type as string[])[0] : schema.type;
    switch (type) {
      case 'string':
        return this.#text(schema);
      case 'integer': {
        const usual = fc.integer({ min: number(schema['minimum'], -1000), max: number(schema['maximum'], 100_000) });
        // Without a bound any whole number fits: more than the store may hold, too.
        return schema['maximum'] === undefined ? fc.oneof(usual, fc.constantFrom(2 ** 31, 2 ** 53 - 1)) : usual;
      }
      case 'number':
        return fc.double({ min: number(schema['minimum'], -1e6), max: number(schema['maximum'], 1e6), noNaN: true });
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      case 'array': {
        const min = number(schema['minItems'], 0);
        const max = Math.max(min, Math.min(number(schema['maxItems'], 3), 3));
        return fc.array(this.fitting((schema['items'] ?? {}) as Schema, name, depth + 1), {
          minLength: min,
          maxLength: max,
        });
      }
      case 'object':
        return this.#object(schema, depth);
      default:
        return fc.jsonValue({ maxDepth: 2 });
    }
  }

  #object(schema: Schema, depth: number): fc.Arbitrary<unknown> {
    const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>);
    if (properties.length === 0 && schema['properties'] !== undefined) return fc.constant({});
    if (properties.length === 0) {
      const inner = (
        typeof schema['additionalProperties'] === 'object' ? schema['additionalProperties'] : {}
      ) as Schema;
      return fc.dictionary(fc.stringMatching(/^[a-zA-Z][\w.]{0,9}$/), this.fitting(inner, '', depth + 1), {
        maxKeys: 3,
      });
    }
    const required = (schema['required'] ?? []) as string[];
    const model = Object.fromEntries(
      properties.map(([field, inner]) => [field, this.fitting(inner, field, depth + 1)]),
    );
    return fc.record(model, { requiredKeys: required, noNullPrototype: true });
  }

  #text(schema: Schema): fc.Arbitrary<string> {
    const format = byFormat[String(schema['format'])];
    if (format) return format;
    if (typeof schema['pattern'] === 'string') {
      try {
        return fc.stringMatching(new RegExp(schema['pattern'], 'u'), { maxLength: 40 });
      } catch {
        // A pattern that cannot be turned round (look-ahead): any text is as good.
      }
    }
    const min = number(schema['minLength'], 0);
    const max = Math.max(min, Math.min(number(schema['maxLength'], 30), 30));
    return textOf(min, max);
  }
}

const texts = new Map<string, fc.Arbitrary<string>>();

/** Made once for each length: fast-check looks through all its awkward strings to make one. */
function textOf(minLength: number, maxLength: number): fc.Arbitrary<string> {
  const known = texts.get(`${minLength}-${maxLength}`);
  if (known) return known;
  const made = fc.oneof(
    { weight: 3, arbitrary: fc.string({ minLength, maxLength }) },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength, maxLength }) },
  );
  texts.set(`${minLength}-${maxLength}`, made);
  return made;
}
