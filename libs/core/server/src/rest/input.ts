import type { Operation } from '@daybook/kernel';
import * as z from 'zod';

type JsonSchema = z.core.JSONSchema._JSONSchema;

interface Shape {
  readonly type: 'integer' | 'number' | 'boolean' | 'array' | 'text';
  readonly items?: Shape;
}

/** The type that a text in the query string or path is converted to, by the schema. */
function shapeOf(schema: JsonSchema | undefined, defs: Record<string, JsonSchema>): Shape {
  if (schema === undefined || typeof schema === 'boolean') return { type: 'text' };
  if (schema.$ref) return shapeOf(defs[schema.$ref.split('/').at(-1)!], defs);
  const some = schema.anyOf?.find((s) => typeof s === 'boolean' || s.type !== 'null');
  if (some) return shapeOf(some, defs);
  switch (schema.type) {
    case 'integer':
    case 'number':
    case 'boolean':
      return { type: schema.type };
    case 'array':
      return { type: 'array', items: shapeOf(Array.isArray(schema.items) ? schema.items[0] : schema.items, defs) };
    default:
      return { type: 'text' };
  }
}

function coerce(text: unknown, shape: Shape): unknown {
  if (shape.type === 'array') {
    return (Array.isArray(text) ? text : [text]).map((one) => coerce(one, shape.items ?? { type: 'text' }));
  }
  if (typeof text !== 'string') return text;
  // What does not fit its type stays text, so that validation names the field.
  if (shape.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (shape.type === 'integer') return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (shape.type === 'number') return /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : text;
  return text;
}

/** Reads the input of an operation from path, query string and body; converts numbers and booleans by the schema. */
export function inputReader(operation: Operation) {
  const schema = z.toJSONSchema(operation.input, { io: 'input', unrepresentable: 'any' });
  const defs = (schema.$defs ?? {}) as Record<string, JsonSchema>;
  const shapes = new Map(Object.entries(schema.properties ?? {}).map(([name, s]) => [name, shapeOf(s, defs)]));
  const coerced = (fields: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(fields).map(([name, text]) => [name, coerce(text, shapes.get(name) ?? { type: 'text' })]),
    );
  return (params: Record<string, unknown>, query: Record<string, unknown>, body: unknown): unknown =>
    body === undefined || body === null
      ? { ...coerced(query), ...coerced(params) }
      : typeof body === 'object' && !Array.isArray(body)
        ? { ...coerced(query), ...body, ...coerced(params) }
        : body;
}
