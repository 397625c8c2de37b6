import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { changeAccount, listEntries, postImport, readImport, readTrialBalance, reverseEntry, startImport } from '@daybook/accounting'; // prettier-ignore
import { listEvents } from '@daybook/audit';
import { ProjectionEngine } from '@daybook/projections';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import { Client } from 'pg';

/* The read models of the whole product: rebuilt in parallel to the live ones, and from scratch after all were deleted. */
let app: TestApp;
let admin: Client;
let books: TestClient;
let companyId: string;
beforeAll(async () => {
  app = await startApp();
  admin = new Client({ connectionString: app.config.databaseUrl });
  await admin.connect();
  books = await app.client('Accountant');
  const name = 'nordlys-kaffe_saf-t_1.30.xml';
  const { sha256 } = await books.upload(name, readFileSync(resolve('examples', name)));
  const { id: importId } = await books.execute(startImport, { sha256, name });
  await app.settle();
  await app.jobEnded(books, (await books.ask(readImport, { importId })).jobId);
  await app.settle();
  ({ companyId } = await books.ask(readImport, { importId }));
  await books.execute(postImport, { companyId, importId });
  await app.settle();
});
afterAll(async () => {
  await admin.end();
  await app.close();
});

const report = async (knownAt?: string) =>
  JSON.stringify(
    await books.ask(readTrialBalance, { companyId, from: '2000-01-01', to: '2099-12-31' }, knownAt === undefined ? {} : { knownAt }), // prettier-ignore
  );

/** Every row of every live read model, past versions included, byte for byte. */
async function dump(): Promise<string[]> {
  const { rows: tables } = await admin.query<{ schema: string; projection: string; name: string }>(
    `select g.schema, g.name as projection, c.relname as name from projections.generation g
     join pg_class c on c.relnamespace = to_regnamespace(g.schema) and c.relkind = 'r'
     where g.status = 'live' order by g.name, c.relname`,
  );
  const all: string[] = [];
  for (const { schema, projection, name } of tables) {
    const { rows } = await admin.query<{ row: string }>(
      `select t::text as row from ${schema}."${name}" t order by t::text collate "C"`,
    );
    all.push(...rows.map(({ row }) => `${projection} ${name} ${row}`));
  }
  return all;
}

it('print a report as it was before a reversal and a new account name, byte for byte', async () => {
  const before = await report();
  const { stamp, rows } = JSON.parse(before) as {
    stamp: { trail: string };
    rows: { account: string; class: 'asset' }[];
  };
  const [entry] = (await books.ask(listEntries, { companyId })).items;
  await books.execute(reverseEntry, { companyId, entryId: entry!.id });
  const { account: number, class: of } = rows.at(-1)!;
  await books.execute(changeAccount, { companyId, number, name: 'Another name', class: of });
  await app.settle();
  expect(await report()).not.toBe(before);
  expect(await report(stamp.trail)).toBe(before);
});

it('link an imported entry to its import', async () => {
  const entry = (await books.ask(listEntries, { companyId, sort: ['date'] })).items[0]!;
  const auditor = await app.client('Auditor');
  const { items } = await auditor.ask(listEvents, { recordType: 'accounting.entry', recordId: entry.id });
  expect(items.map((e) => e.says)).toEqual(['imported 66 entries from nordlys-kaffe_saf-t_1.30.xml']);
});

const readModels = async (engine: ProjectionEngine) =>
  (await engine.status()).filter(({ kind }) => kind === 'read-model');

it('agree with a rebuild of each', async () => {
  const before = await dump();
  expect(before.length).toBeGreaterThan(300);
  const { engine } = app.work;
  const names = (await readModels(engine)).map((s) => s.name);
  for (const name of names) await engine.rebuild(name);
  await engine.catchUp();
  const status = (await readModels(engine)).filter((s) => s.state !== 'retired');
  expect(status.map((s) => [s.name, s.generation, s.state])).toEqual(names.map((name) => [name, 2, 'live']));
  expect(status.every((s) => (s.comparison as { equal: boolean }).equal)).toBe(true);
  expect(await dump()).toEqual(before);
});

it('are the same, byte for byte, after all were deleted and the projector started again', async () => {
  const [before, printed] = [await dump(), await report()];
  await app.work.engine.stop();
  const { rows } = await admin.query<{ schema: string }>(
    `select nspname as schema from pg_namespace where nspname ~ '^rm_'`,
  );
  for (const { schema } of rows) await admin.query(`drop schema ${schema} cascade`);
  await admin.query('delete from projections.generation');
  await books.get(`/v1/accounting/companies/${companyId}/accounts`).expect(503);

  const { pool, store, catalogue, bindings } = app.projector;
  const { contexts } = bindings;
  const engine = new ProjectionEngine({ pool, store, catalogue, projections: contexts.flatMap((c) => c.projections) });
  engine.start();
  try {
    const built = async () => (await readModels(engine)).every((s) => s.state === 'live');
    while ((await readModels(engine)).length < contexts.flatMap((c) => c.projections).length || !(await built())) {
      await new Promise((resume) => setTimeout(resume, 20));
    }
    expect(await dump()).toEqual(before);
    expect(await report()).toBe(printed);
  } finally {
    await engine.stop();
  }
});
