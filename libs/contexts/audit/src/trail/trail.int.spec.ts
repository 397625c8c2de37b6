import { command, event, isRejection, type Operation } from '@daybook/kernel';
import { createPool, orm } from '@daybook/postgres';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import { ProjectionEngine, projectionMigrations, ReadModels } from '@daybook/projections';
import { EventLog, plainCatalogue } from '@daybook/projections/testing/event-log';
import { context, perform, type QueryContext } from '@daybook/server';
import { Bindings } from '@daybook/server/dispatch/bindings';
import { sql } from 'kysely';
import * as z from 'zod';
import { audit } from '../audit.module.js';
import { listEvents, readEvent } from './trail.operations.js';
import { trailProjection } from './trail.projection.js';
import { type AuditEvent, historyDepth } from './describe-events.js';

const tenant = '0190a1b2-0000-7000-8000-00000000a001';
const renamed = event('testing.renamed', {
  data: z.object({ id: z.string(), name: z.string() }),
  record: ({ id }) => ({ type: 'testing.note', id }),
});
const rename = command('testing.note.write', {
  title: 'Rename',
  http: 'POST /v1/testing/notes',
  says: 'renamed it to {name}',
  input: z.object({ name: z.string() }),
});
const testing = context({
  name: 'testing',
  title: 'Testing',
  events: [renamed],
  bindings: [perform(rename as Operation, async () => null)],
});

describe('the audit trail', () => {
  const log = new EventLog();
  const catalogue = plainCatalogue([renamed]);
  let database: TestDatabase;
  let close: () => Promise<void>;
  let depthFor: (rows: number) => Promise<number>;
  let ask: <T>(operation: Operation, input: object, knownAt?: string) => Promise<T>;

  beforeAll(async () => {
    database = await testDatabase(projectionMigrations);
    const pool = createPool(database.projectorUrl, { max: 4, application: 'audit spec' });
    const reader = await orm(database.apiUrl, { max: 2, application: 'audit spec' });
    close = () => Promise.all([pool.end(), reader.close()]).then(() => database.drop());
    depthFor = async (rows) => {
      const found = await sql<{ depth: number }>`select ${historyDepth(sql`${rows}::int`)} as depth`.execute(
        reader.em.fork().getKysely<object>(),
      );
      return found.rows[0]!.depth;
    };
    const models = new ReadModels({ projections: [trailProjection], head: () => log.head() });
    const bindings = new Bindings([testing, audit]);
    ask = (operation, input, knownAt) =>
      models.read(reader.em.fork().getKysely<object>(), tenant, knownAt ?? null, async (read) => {
        const context = {
          ...read,
          caller: { tenant, companies: 'all', fields: {} },
          sees: () => sql`true`,
          events: {
            stream: async function* (stream: string, { from = 0, limit = 1 } = {}) {
              for await (const e of log.readStream(stream, { from })) {
                if (e.revision < from + limit) yield (await catalogue.fromStore(e))!;
              }
            },
          },
          ask: async () => ({ items: [{ id: log.events[0]!.meta.actor.id, name: 'Ingrid Solbakken' }] }),
          page: async (
            { limit, cursor }: { limit: number; cursor?: string },
            _: unknown,
            key: (row: unknown) => string[],
            fetch: (after: string[] | null, count: number) => Promise<unknown[]>,
          ) => {
            const rows = await fetch(cursor === undefined ? null : [cursor], limit + 1);
            return { items: rows.slice(0, limit), next: rows.length > limit ? key(rows[limit - 1])[0] : null };
          },
        } as unknown as QueryContext;
        const binding = bindings.of(operation);
        if (binding.kind !== 'answer') throw new Error(operation.name);
        const found = await binding.handler(operation.input.parse(input), context, { bindings } as never);
        return (isRejection(found) ? found : operation.output.parse(found)) as never;
      });
    const stream = `testing.note-${tenant}-1`;
    await log.record(tenant, stream, renamed.of({ id: 'a', name: 'A' }));
    await log.record(tenant, stream, renamed.of({ id: 'a', name: 'B' }), renamed.of({ id: 'a', name: 'C' }));
    await log.record('0190a1b2-0000-7000-8000-00000000b001', 'testing.note-0190a1b2-0000-7000-8000-00000000b001-1', renamed.of({ id: 'x', name: 'X' })); // prettier-ignore
    const engine = new ProjectionEngine({ pool, store: log, catalogue, projections: [trailProjection] });
    await engine.catchUp();
  });
  afterAll(() => close());

  it('lists the events of the tenant, newest first, in sentences', async () => {
    const { items } = await ask<{ items: AuditEvent[] }>(listEvents, {});
    expect(items.map((e) => `${e.trail} ${e.actor.name} ${e.says}`)).toEqual([
      '3 Ingrid Solbakken renamed it to C',
      '2 Ingrid Solbakken renamed it to B',
      '1 Ingrid Solbakken renamed it to A',
    ]);
    expect(items[0]).toMatchObject({ position: '3', type: 'testing.renamed', key: items[0]!.eventId });
  });

  it('finds by record, person, operation, request and number, page by page', async () => {
    const trails = async (input: object) => (await ask<{ items: AuditEvent[] }>(listEvents, input)).items.map((e) => e.trail); // prettier-ignore
    const [first, second] = log.events;
    expect(await trails({ commandId: second!.meta.commandId })).toEqual(['3', '2']);
    expect(await trails({ recordType: 'testing.note', recordId: first!.meta.record.id })).toEqual(['1']);
    expect(await trails({ actor: 'nobody' })).toEqual([]);
    expect(await trails({ operation: 'testing.note.write', from: '2', to: '2' })).toEqual(['2']);
    expect(await trails({ limit: 2, cursor: '3' })).toEqual(['2', '1']);
    expect(await trails({ order: 'oldest', limit: 2, cursor: '1' })).toEqual(['2', '3']);
  });

  it('shows what an event changed, its data and what else the request caused', async () => {
    const id = log.events[2]!.id;
    expect(await ask(readEvent, { eventId: id })).toMatchObject({
      trail: '3',
      data: { id: 'a', name: 'C' },
      changes: [{ field: 'name', before: 'B', after: 'C' }],
      previous: log.events[1]!.id,
      caused: [{ trail: '2' }, { trail: '3' }],
      stamp: { trail: '3', position: '3' },
    });
  });

  it('reads no more events for a page of the trail, however many its rows and their records have', async () => {
    for (const rows of [1, 10, 50, 200]) expect(rows * (await depthFor(rows))).toBeLessThanOrEqual(2_000);
    expect([await depthFor(1), await depthFor(5_000)]).toEqual([200, 2]);
  });

  it('knows no event of another tenant, and none that had not been recorded at the moment asked for', async () => {
    const unknown = { kind: 'rejection', status: 404, code: 'audit.event-not-found' };
    expect(await ask(readEvent, { eventId: log.events[3]!.id })).toMatchObject(unknown);
    expect(await ask(readEvent, { eventId: log.events[2]!.id }, '2')).toMatchObject(unknown);
    expect((await ask<{ items: AuditEvent[] }>(listEvents, {}, '2')).items).toHaveLength(2);
  });
});
