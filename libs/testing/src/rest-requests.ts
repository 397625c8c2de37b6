import fc from 'fast-check';
import type { Documented, Schema } from './openapi-document.js';
import { type FuzzValues, weird } from './fuzz-values.js';

/** One request as Fastify's `inject` takes it. */
export interface FuzzRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload?: string | Buffer;
}

const text = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** Half surrogates cannot be percent-encoded: they go as the bytes somebody without a library would send. */
const encoded = (value: unknown): string => {
  const plain = text(value);
  return plain.isWellFormed() ? encodeURIComponent(plain) : '%ED%A0%80';
};

const rawQueries = ['%', '%zz=1', 'a=%ff', '&&&=', 'limit=1&limit=2', 'cursor=', 'known-at=&known-at=1', 'a[b]=c', '__proto__=1',
  'constructor=x', 'limit=1e3', 'limit=%00', 'min-position=99999999999999999999', 'min-position=x', 'known-at=2026-01-01', 'x'.repeat(3_000)]; // prettier-ignore
const rawSegments = ['%00', '%ff', '%', '..', '%2e%2e', '%2f', ' ', '%20', '__proto__', 'a'.repeat(301), 'a'.repeat(3_000), '*', ':id', '{id}']; // prettier-ignore
const rawBodies: readonly (string | Buffer)[] = [
  '', ' ', '{', '[]', 'null', '1', '"x"', '{"a":1}{"b":2}', '{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{}}}',
  '{"a":1,"a":2}', '\ufeff{}', '{"a":1e999}', '{"a":-0}', '{"a":123456789012345678901234567890}', `{"a":"\\ud800"}`, '{"a":"\\u0000"}',
  `${'['.repeat(3_000)}${']'.repeat(3_000)}`, `${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}`, `{"a":"${'x'.repeat(100_000)}"}`,
  Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), Buffer.from([0xff, 0xfe, 0x7b, 0, 0x7d, 0]), Buffer.alloc(64),
]; // prettier-ignore
const contentTypes = ['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/json;charset=utf-16', 'text/plain', 'text/html',
  'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/octet-stream', 'application/xml', 'x', '/', 'application/merge-patch+json']; // prettier-ignore
const oddHeaders: fc.Arbitrary<Record<string, string>> = fc
  .array(
    fc.constantFrom<[string, string]>(
      ['idempotency-key', 'k1'], ['idempotency-key', 'schlüssel'], ['idempotency-key', 'x'.repeat(201)], ['if-match', '"1"'], ['if-match', '*'],
      ['if-match', 'W/"2"'], ['if-match', '"99999999999"'], ['x-daybook-reason', '%00'], ['x-daybook-reason', '%ED%A0%80'], ['x-daybook-reason', '%'],
      ['x-daybook-reason', 'x'.repeat(5_000)], ['x-daybook-channel', 'console'], ['x-daybook-channel', '__proto__'], ['accept', 'text/csv'], ['accept', 'image/png'],
      ['accept', '*/*;q=x'], ['accept', 'text/html'], ['traceparent', '00-0-0-0'], ['x-forwarded-for', 'x, 1.2.3.4'], ['x-forwarded-proto', 'https'],
      ['x-http-method-override', 'DELETE'], ['cookie', 'daybook_refresh=x; a=%ff; =; ;'], ['cookie', '__proto__=1'], ['content-length', '1'], ['content-length', 'x'],
      ['transfer-encoding', 'chunked'], ['content-encoding', 'gzip'], ['accept-encoding', 'br;q=9'], ['range', 'bytes=0-'], ['if-none-match', '*'], ['if-modified-since', 'x'],
      ['origin', 'https://evil.example'], ['sec-fetch-site', 'cross-site'], ['host', 'evil.example'], ['expect', '100-continue'], ['upgrade', 'websocket'],
      ['last-event-id', '-1'], ['user-agent', 'x'.repeat(2_000)], ['prefer', 'x'], ['te', 'trailers'],
    ),
    { maxLength: 3 },
  )
  .map((pairs) => Object.fromEntries(pairs)); // prettier-ignore

/** Arbitrary requests to one operation: about a third as documented, the others wrong in one or several ways. */
export function requestsTo(
  operation: Documented,
  values: FuzzValues,
  tokens: readonly string[],
): fc.Arbitrary<FuzzRequest> {
  const parameters = (place: string) => operation.parameters.filter((one) => one.in === place);
  const rarely = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>, weight = 8): fc.Arbitrary<T> =>
    fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: odd });

  const segments = fc.record(
    Object.fromEntries(
      parameters('path').map(({ name, schema }) => [
        name,
        rarely(
          values.fitting(schema, name).map(encoded),
          fc.oneof(fc.constantFrom(...rawSegments), weird.map(encoded)),
        ),
      ]),
    ),
  );
  const asked = fc.record(
    Object.fromEntries(
      parameters('query').map(({ name, schema }) => [name, rarely(values.fitting(schema, name), weird)]),
    ),
    { requiredKeys: parameters('query').flatMap(({ name, required }) => (required ? [name] : [])) },
  );
  const query = rarely(
    asked.map((fields) =>
      Object.entries(fields)
        .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => `${name}=${encoded(one)}`))
        .join('&'),
    ),
    fc.constantFrom(...rawQueries),
  );
  const declared = fc.record(
    Object.fromEntries(
      parameters('header').map(({ name, schema }) => [
        name.toLowerCase(),
        values.fitting(schema, name).map(encodedHeader),
      ]),
    ),
    { requiredKeys: parameters('header').flatMap(({ name, required }) => (required ? [name.toLowerCase()] : [])) },
  );
  const json: fc.Arbitrary<string | Buffer> = operation.body
    ? values.fields(operation.body.schema as Schema).map((fields) => JSON.stringify(fields))
    : fc.constant('{}');
  const payload = rarely(
    json,
    fc.oneof(
      fc.constantFrom(...rawBodies),
      weird.map((value) => JSON.stringify(value) ?? 'x'),
    ),
    6,
  );
  const usual = operation.body?.type ?? 'application/json';
  const token = fc.constantFrom(...tokens, ...tokens, ...tokens, 'x', '', 'a.b.c', 'dbk_x_y');
  const methods = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS');

  return fc
    .record({
      method: rarely(fc.constant(operation.method), methods, 20),
      segments,
      query,
      declared: rarely(declared, fc.constant({}), 12),
      odd: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: oddHeaders }),
      type: rarely(fc.constant(usual), fc.constantFrom(...contentTypes), 12),
      payload,
      token,
      scheme: rarely(fc.constant('Bearer '), fc.constantFrom('bearer ', 'Basic ', 'Bearer  ', ''), 20),
    })
    .map(
      ({
        method,
        segments: inPath,
        query: search,
        declared: named,
        odd,
        type,
        payload: body,
        token: bearer,
        scheme,
      }) => {
        const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(inPath[name]));
        const sends = method !== 'GET' && method !== 'HEAD' && (operation.body !== null || body !== '{}');
        return {
          method,
          url: search === '' ? path : `${path}?${search}`,
          headers: {
            ...(bearer === '' ? {} : { authorization: scheme + bearer }),
            ...(sends ? { 'content-type': type } : {}),
            ...(named as Record<string, string>),
            ...odd,
          },
          ...(sends ? { payload: body } : {}),
        };
      },
    );
}

/** Header values hold ASCII; the rest is encoded, as the document says. */
const encodedHeader = (value: unknown): string => text(value).replaceAll(/[^\x20-\x7e]/g, (char) => encoded(char));
