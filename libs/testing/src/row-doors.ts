import { camelName, type Operation, type RecordType } from '@daybook/kernel';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Response } from 'supertest';
import type { TestApp, TestClient } from './app.js';
import { send } from './world.js';

/*
 * Every door through which somebody could learn of a record, made from what is declared: so a new record type that says who sees
 * it (`seenBy`) is tried without a line of its own.
 */
type Json = Record<string, unknown>;
/** The record as a door shows it: everything that came out. */
export type Door = (client: TestClient, record: Shown) => Promise<string>;
export interface Shown {
  readonly id: string;
  readonly companyId?: string;
  /** A word that stands in every text of the record. */
  readonly mark: string;
  /** A moment at which it was there. */
  readonly knownAt: string;
}

const of = (operation: Operation): { record?: RecordType; does?: string; list?: object } =>
  'of' in operation ? (operation as unknown as { of: { record: RecordType } }).of : {};

/** The doors of a record type by name. One that nothing of the type has is left out. */
export function doorsOf(app: TestApp, record: RecordType): ReadonlyMap<string, Door> {
  const operations = app.api.bindings.operations.filter((one) => of(one).record === record);
  const list = operations.find((one) => of(one).list !== undefined);
  const read = operations.find((one) => one.kind === 'query' && of(one).list === undefined);
  const doors = new Map<string, Door>();
  const keyOf = ({ id, companyId }: Shown): Json => ({
    [record.id]: id,
    ...(record.within === 'company' ? { companyId } : {}),
  });
  const ask = async (client: TestClient, operation: Operation, input: Json) =>
    shownBy(await send(client, operation, input));
  const within = ({ companyId }: Shown): Json => (record.within === 'company' ? { companyId } : {});
  const graphql = async (client: TestClient, query: string) => JSON.stringify((await client.graphql(query)).body);

  if (list) {
    const name = camelName(list.name);
    const path = (one: Shown) => list.http.slice(4).replace('{companyId}', String(one.companyId));
    const company = ({ companyId }: Shown, more = '') =>
      record.within === 'company' ? `(input: { companyId: "${companyId}" ${more} })` : more && `(input: { ${more} })`;
    doors.set('list', (client, one) => ask(client, list, within(one)));
    doors.set('list by id', (client, one) => ask(client, list, { ...within(one), [record.id]: [one.id] }));
    doors.set(
      'list as known before',
      async (client, one) => (await client.get(path(one)).query({ 'known-at': one.knownAt })).text,
    );
    doors.set('CSV', async (client, one) => (await client.get(path(one)).set('accept', 'text/csv')).text);
    doors.set('GraphQL list', (client, one) =>
      graphql(client, `{ ${name}${company(one)} { items { ${record.id} } } }`),
    );
    doors.set('GraphQL aliases', (client, one) =>
      graphql(
        client,
        `{ a: ${name}${company(one)} { items { version } } b: ${name}${company(one, `${record.id}: ["${one.id}"]`)} { items { ${record.id} } } }`,
      ),
    );
    if ('text' in list.input.shape)
      doors.set('search', (client, one) => ask(client, list, { ...within(one), text: one.mark }));
    if ('count' in list.input.shape)
      doors.set('count', async (client, one) => {
        const { count } = (await send(client, list, { ...within(one), [record.id]: [one.id], count: true })).body;
        return count === 1 ? one.mark : '';
      });
    doors.set('export', (client, one) => exported(client, list, within(one)));
    for (const naming of app.api.bindings.records) {
      const [field] = Object.entries(naming.fields).find(([, { to }]) => to === record.name) ?? [];
      const other = app.api.bindings.operations.find((op) => of(op).record === naming && of(op).list !== undefined);
      if (field === undefined || !other || naming.within === 'company') continue;
      doors.set(`look-up by ${naming.name}`, (client) =>
        graphql(client, `{ ${camelName(other.name)} { items { ${field} { ${record.id} version } } } }`),
      );
    }
  }
  if (read) {
    const path = (one: Shown) => Object.entries(keyOf(one)).reduce((text, [key, value]) => text.replace(`{${key}}`, encodeURIComponent(String(value))), read.http.slice(4)); // prettier-ignore
    doors.set('read', async (client, one) => shownBy(await client.get(path(one))));
    doors.set('read as known before', async (client, one) => shownBy(await client.get(path(one)).query({ 'known-at': one.knownAt }))); // prettier-ignore
  }
  const trail = app.api.bindings.operations.find(({ name }) => name === 'audit.event.list');
  if (trail) {
    doors.set('trail of the record', (client, one) =>
      ask(client, trail, { recordType: record.name, recordId: one.id }),
    );
    doors.set('trail', (client) => ask(client, trail, { limit: 200 }));
  }
  for (const command of operations.filter(({ kind }) => kind === 'command')) {
    if (of(command).does === 'create') continue;
    // Another version than any that there is: nothing is changed, and it is refused for that only where the record is seen.
    doors.set(command.name, async (client, one) => {
      const { http } = command;
      const path = Object.entries(keyOf(one)).reduce((text, [key, value]) => text.replace(`{${key}}`, encodeURIComponent(String(value))), http.slice(http.indexOf(' ') + 1)); // prettier-ignore
      const verb = http.split(' ')[0]!.toLowerCase() as 'post' | 'patch';
      const { status } = await client[verb](path, {}).set('if-match', '"99999"');
      return status === 412 ? one.mark : '';
    });
  }
  return doors;
}

/** A refusal repeats what was asked for. */
export const shownBy = ({ status, text }: { status: number; text: string }): string => (status < 400 ? text : '');

export async function exported(client: TestClient, list: Operation, input: Json): Promise<string> {
  const { body, text } = await client.post('/v1/platform/exports', { list: list.name, input, format: 'json' });
  const id = (body as { id?: string }).id;
  if (id === undefined) return text;
  for (let waited = 0; waited < 120_000; waited += 50) {
    const { body: at } = await client.get(`/v1/platform/exports/${id}`);
    const { state } = at as { state: string };
    if (state === 'waiting' || state === 'running') await sleep(50);
    else return (await client.get(`/v1/platform/exports/${id}/file`).buffer(true).parse(asText)).body as string; // prettier-ignore
  }
  throw new Error('The export does not end');
}
const asText = (response: Response, done: (error: Error | null, text: string) => void): void => {
  let text = '';
  response.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  response.on('end', () => done(null, text));
};
