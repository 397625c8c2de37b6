import { camelName, type Operation } from '@daybook/kernel';
import { routeOf } from '@daybook/server/rest/operation-controller';
import fc from 'fast-check';
import request from 'supertest';
import type { TestApp, TestClient } from './app.js';
import type { ApiDocument } from './openapi-document.js';
import { inputSchemaOf } from './graphql-requests.js';
import { FuzzValues } from './fuzz-values.js';
import { poolName } from './record-samples.js';
import type { World } from './world.js';

type Json = Record<string, unknown>;

export const pathParameters = (operation: Operation): string[] =>
  [...operation.http.matchAll(/\{(\w+)\}/g)].map(([, name]) => String(name));

/** A valid input of an operation: fitting values for required fields, and ids of records in the world. */
export function sampleInput(operation: Operation, world: World, document: ApiDocument): Json {
  const documented = document.operations.find(({ id }) => id === camelName(operation.name));
  if (!documented) throw new Error(`${operation.name} is not in the document`);
  const first = Object.fromEntries(Object.entries(world.pool).map(([name, [one]]) => [name, one]));
  const id = first[poolName(operation, 'id')];
  const known: Json = {
    ...first,
    ...(id === undefined ? {} : { id }),
    from: '2026-01-01',
    to: '2026-12-31',
    column: 'closing',
  };
  const schema = inputSchemaOf(documented) as { properties: Json; required: string[] };
  const wanted = {
    ...schema,
    properties: Object.fromEntries(schema.required.map((name) => [name, schema.properties[name]])),
  };
  const [sample] = fc.sample(new FuzzValues(document, {}).fitting(wanted), { numRuns: 1, seed: 7 });
  const named = Object.keys(sample as Json).filter((name) => name in known);
  return { ...(sample as Json), ...Object.fromEntries(named.map((name) => [name, known[name]])) };
}

/** Sends a command with the version that it must pin. */
export async function sendWithVersion(app: TestApp, client: TestClient, operation: Operation, input: Json) {
  const { method, path } = routeOf(operation);
  const address = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(input[name])));
  const rest = Object.fromEntries(Object.entries(input).filter(([name]) => !pathParameters(operation).includes(name)));
  const verb = method.toLowerCase() as 'post' | 'put' | 'patch';
  const answer = await request(app.app.getHttpServer())[verb](address).set('authorization', `Bearer ${client.token}`).set('if-match', '"1"').send(rest); // prettier-ignore
  return { status: answer.status, text: answer.text, body: (answer.body ?? {}) as Json };
}
