import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { amount, guarded, pageInput, pageOf, plainDate, query, reject } from '@daybook/kernel';
import { answer, context } from '@daybook/server';
import { concurrencyRules } from '@daybook/server/dispatch/concurrency';
import {
  cancelExport,
  exportFile,
  type ExportFormat,
  readExport,
  startExport,
} from '@daybook/server/export/export.operations';
import { recordExport } from '@daybook/server/export/export-record';
import { listJobs, readJob } from '@daybook/server/platform/platform.operations';
import { listEvents, readEvent } from '@daybook/audit';
import { changeRole, defineRole, giveGrant, listMembers, revokeGrant } from '@daybook/identity';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import * as z from 'zod';

/* Any list as a file: of a list with pages, of a list of identity, and of one without a past. */
const row = z
  .object({
    id: z.string(),
    name: z.string(),
    email: guarded(z.string().nullable(), 'spec.row.email', 'E-mail of a row'),
    amount,
    bornOn: plainDate.nullable(),
    tags: z.array(z.object({ name: z.string() })),
  })
  .meta({ id: 'SpecRow' });
const listRows = query('spec.row.list', {
  title: 'List rows',
  http: 'GET /v1/spec/rows',
  permission: 'spec.row.read',
  input: z.object({ many: z.int().min(0).default(450), odd: z.boolean().optional(), ...pageInput }),
  output: pageOf(row),
  rows: 'items',
});
/** Each page waits for it. */
let gate: Promise<void> = Promise.resolve();
/** The tenant whose rows cannot be read yet. */
let behind = '';
const notYet = reject('spec.behind', 'Not yet.', { status: 503, details: { retryAfterSeconds: 31 } });
/** Called with the number of the first row of each page. */
let onPage = (_first: number): void => undefined;
const rowOf = (n: number): z.infer<typeof row> => ({
  id: String(n),
  name: n === 0 ? '=Sum & Søn' : `Row ${n}`,
  email: `row-${n}@north.example`,
  amount: `${n}.50`,
  bornOn: n % 2 === 0 ? null : '1981-04-03',
  tags: [{ name: 'a' }, { name: 'b' }],
});
const spec = context({
  name: 'spec',
  title: 'Spec',
  roles: { Admin: ['spec.*'], Accountant: ['spec.*'], Auditor: ['spec.*'] },
  bindings: [
    answer(listRows, async ({ many, odd, limit, cursor }, read) => {
      if (read.caller.tenant === behind) {
        onPage(-1);
        return notYet;
      }
      const page = await read.page<number>(
        { limit, cursor },
        { many, odd },
        (n) => [String(n)],
        async (after, count) => {
          const first = after === null ? 0 : Number(after[0]) + 1;
          onPage(first);
          await gate;
          const all = Array.from({ length: many }, (_, n) => n).filter((n) => odd === undefined || n % 2 === 1);
          return all.filter((n) => n >= first).slice(0, count);
        },
      );
      return { ...page, items: page.items.map(rowOf) };
    }),
  ],
});

describe('an export of a list', () => {
  let app: TestApp;
  let auditor: TestClient;
  beforeAll(async () => {
    app = await startApp({ contexts: [spec] });
    auditor = await app.client('Auditor');
  });
  afterAll(() => app.close());
  afterEach(() => {
    gate = Promise.resolve();
    behind = '';
    onPage = () => undefined;
  });

  type Wanted = Partial<Parameters<typeof auditor.execute<typeof startExport>>[1]>;
  const start = async (client: TestClient, wanted: Wanted = {}): Promise<string> => {
    const { id } = await client.execute(startExport, { list: listRows.name, format: 'csv', ...wanted });
    return id;
  };
  async function ended(client: TestClient, exportId: string) {
    for (let waited = 0; waited < 120_000; waited += 50) {
      const read = await client.ask(readExport, { exportId });
      if (!['waiting', 'running'].includes(read.state)) return read;
      await sleep(50);
    }
    throw new Error(`The export ${exportId} does not end:\n${app.log.slice(-5).join('')}`);
  }
  const fileOf = async (client: TestClient, exportId: string): Promise<Buffer> =>
    (await client.get(exportFile(exportId)).buffer(true).parse(bytes).expect(200)).body as Buffer;
  async function exported(client: TestClient, wanted: Wanted = {}) {
    const exportId = await start(client, wanted);
    const { manifest, error } = await ended(client, exportId);
    if (!manifest) throw new Error(`No file: ${JSON.stringify(error)}`);
    return { exportId, manifest, file: await fileOf(client, exportId) };
  }

  it('has every row once, in order, and a manifest with count, hash and position', async () => {
    const { manifest, file } = await exported(auditor, { name: 'Rows' });
    const lines = file.toString('utf8').split('\r\n');
    expect(lines.slice(0, 3)).toEqual([
      'id,name,email,amount,bornOn,tags',
      `0,'=Sum & Søn,row-0@north.example,0.50,,"{""name"":""a""},{""name"":""b""}"`,
      `1,Row 1,row-1@north.example,1.50,1981-04-03,"{""name"":""a""},{""name"":""b""}"`,
    ]);
    expect(lines).toHaveLength(452);
    expect(manifest).toMatchObject({
      name: 'Rows.csv',
      rows: 450,
      size: file.length,
      sha256: createHash('sha256').update(file).digest('hex'),
      columns: ['id', 'name', 'email', 'amount', 'bornOn', 'tags'],
      asText: {},
    });
    expect(Number(manifest.position)).toBeGreaterThan(0);
    expect(Number(manifest.trail)).toBeGreaterThan(0);
  });

  it('has the chosen columns in their order, a field of each of several, and only what the filters match', async () => {
    const columns = ['amount', 'tags.name', 'id'];
    // Filters as they stand in an address are text.
    const { file, manifest } = await exported(auditor, {
      columns,
      format: 'csv-excel',
      input: { odd: 'true', many: '4' },
    });
    expect(file.toString('utf8')).toBe('\ufeffamount;tags.name;id\r\n1,50;"a,b";1\r\n3,50;"a,b";3\r\n');
    expect(manifest.columns).toEqual(columns);
    const json = await exported(auditor, { columns, format: 'json', input: { many: 1 } });
    expect(JSON.parse(json.file.toString('utf8'))).toEqual([{ amount: '0.50', 'tags.name': ['a', 'b'], id: '0' }]);
  });

  it.each(['csv', 'csv-excel', 'xlsx', 'json'] satisfies ExportFormat[])(
    'of an empty list is a file as %s',
    async (format) => {
      const { manifest, file } = await exported(auditor, { format, input: { many: 0 } });
      expect(manifest.rows).toBe(0);
      if (format === 'json') expect(JSON.parse(file.toString('utf8'))).toEqual([]);
      if (format === 'csv') expect(file.toString('utf8')).toBe('id,name,email,amount,bornOn,tags\r\n');
      if (format === 'xlsx') expect(file.subarray(0, 2).toString()).toBe('PK');
    },
  );

  it('of a list of people, which the projector must not read, is that list; of one without a past, too', async () => {
    const { file } = await exported(auditor, {
      list: listMembers.name,
      columns: ['personId', 'email'],
      format: 'json',
    });
    const { items } = await auditor.ask(listMembers, {});
    const rows = items.map(({ personId, email }) => ({ personId, email }));
    expect(JSON.parse(file.toString('utf8'))).toEqual(rows);
    const jobs = await exported(auditor, { list: listJobs.name, format: 'json' });
    expect(jobs.manifest).toMatchObject({ position: null, trail: null });
    expect(jobs.manifest.rows).toBeGreaterThan(3);
  });

  it('is in the trail with who took it, which list and how many rows, and without what was searched for', async () => {
    const { exportId, manifest } = await exported(auditor, { input: { odd: 'true', many: '8' } });
    const { items } = await auditor.ask(listEvents, { recordType: 'platform.export', recordId: exportId });
    expect(items).toMatchObject([{ says: 'exported 4 rows: List rows', actor: { kind: 'person' } }]);
    const { data } = await auditor.ask(readEvent, { eventId: String(items[0]?.eventId) });
    const { sha256 } = manifest;
    expect(data).toMatchObject({ list: listRows.name, format: 'csv', rows: 4, filters: ['many', 'odd'], sha256 });
  });

  it('is in the trail when REST answers it as CSV, once for a program that asks again', async () => {
    const asked = () =>
      auditor
        .get(`${listRows.http.slice(4)}?many=7`)
        .set('accept', 'text/csv')
        .expect(200);
    await asked();
    await asked();
    await auditor
      .get(`${listRows.http.slice(4)}?many=7&limit=3`)
      .set('accept', 'text/csv')
      .expect(200);
    const { items } = await auditor.ask(listEvents, { operation: recordExport.name, limit: 200 });
    expect(items.filter(({ says }) => says === 'exported 7 rows: List rows')).toHaveLength(1);
    expect(items.filter(({ says }) => says === 'exported 3 rows: List rows')).toEqual([]);
  });

  it('is for who started it, and for nobody else', async () => {
    const { exportId, manifest } = await exported(auditor);
    for (const other of [await app.client('Admin'), await app.client('Auditor', 'south')]) {
      await other.ask(readExport, { exportId }, { status: 404 });
      await other.execute(cancelExport, { exportId }, { status: 404 });
      await other.get(exportFile(exportId)).expect(404);
      await other.get(`/v1/files/${manifest.sha256}`).expect(404);
    }
    await app.anonymous.get(exportFile(exportId)).expect(401);
  });

  it('shows what is in it to nobody else in the list of jobs', async () => {
    const { exportId, manifest } = await exported(auditor);
    const results = async (client: TestClient) => {
      const { items } = await client.ask(listJobs, { limit: 200 });
      const { result } = await client.ask(readJob, { jobId: exportId });
      return [items.find(({ id }) => id === exportId)?.result, result];
    };
    expect(await results(auditor)).toMatchObject([{ manifest }, { manifest }]);
    expect(await results(await app.client('Admin'))).toEqual([null, null]);
  });

  it('is refused to who may not list, for what is no list, and for unknown filters and columns', async () => {
    const staff = await app.client('Staff');
    const wanted = { list: listRows.name, format: 'csv' } as const;
    await staff.execute(startExport, wanted, { status: 403 });
    await auditor.execute(startExport, { ...wanted, list: readExport.name }, { status: 404 });
    await auditor.execute(startExport, { ...wanted, input: { none: 1 } }, { status: 400 });
    await auditor.execute(startExport, { ...wanted, columns: ['none'] }, { status: 400 });
  });

  it('hides what the role hides, and is not given out once the rights on the list have changed', async () => {
    const admin = await app.client('Admin');
    const masked = { field: 'spec.row.email', rule: 'mask' } as const;
    const role = { name: 'Reader of rows', permissions: ['spec.row.read'], fields: [masked] };
    const { id: roleId } = await admin.execute(defineRole, role);
    const vendor = await app.client('Vendor');
    const { items } = await admin.ask(listMembers, {});
    const holderId = items.find(({ email }) => email === app.account('Vendor').email)!.personId;
    await admin.execute(giveGrant, { holderId, role: roleId });
    const { exportId, file } = await exported(vendor, { columns: ['email'], input: { many: 1 } });
    expect(file.toString('utf8')).toBe('email\r\nr•••@•••\r\n');
    await admin.execute(changeRole, { roleId, fields: [{ ...masked, rule: 'hide' }] });
    await vendor.get(exportFile(exportId)).expect(409);
    const anew = await exported(vendor, { columns: ['email'], input: { many: 1 } });
    expect(anew.file.toString('utf8')).toBe('email\r\n\r\n');
    await admin.execute(changeRole, { roleId, permissions: ['identity.person.read'], fields: [] });
    await vendor.get(exportFile(anew.exportId)).expect(403);
  });

  it('is not given out once another right has ended, by which what is listed may have been read', async () => {
    const admin = await app.client('Admin');
    const [vendor, { items }] = [await app.client('Vendor'), await admin.ask(listMembers, {})];
    const holderId = items.find(({ email }) => email === app.account('Vendor').email)!.personId;
    const { id: role } = await admin.execute(defineRole, { name: 'Lists rows', permissions: ['spec.row.read'] });
    await admin.execute(giveGrant, { holderId, role });
    const { id: grantId } = await admin.execute(giveGrant, { holderId, role: 'Staff' });
    const { exportId } = await exported(vendor, { columns: ['email'], input: { many: 1 } });
    await vendor.get(exportFile(exportId)).expect(200);
    await admin.execute(revokeGrant, { grantId, reason: 'Moved' });
    await vendor.get(exportFile(exportId)).expect(409);
  });

  it('tells how far it is, and leaves no file when it is cancelled', async () => {
    let open = (): void => undefined;
    const reached = new Promise<void>((resolve) => {
      onPage = (first) => {
        if (first === 200) gate = new Promise((done) => (open = done));
        if (first === 200) resolve();
      };
    });
    // Many pages are left when it is cancelled, so that it hears of that before the last one.
    const exportId = await start(auditor, { input: { many: 40_000 } });
    await reached;
    expect(await auditor.ask(readExport, { exportId })).toMatchObject({ state: 'running', rows: 200, manifest: null });
    await auditor.execute(cancelExport, { exportId });
    open();
    expect(await ended(auditor, exportId)).toMatchObject({ state: 'cancelled', manifest: null });
    await auditor.execute(cancelExport, { exportId }, { status: 409 });
    await auditor.get(exportFile(exportId)).expect(404);
  });

  it('fails after five attempts when the database cuts each of them off', async () => {
    let attempts = 0;
    onPage = () => {
      attempts += 1;
      throw Object.assign(new Error('canceling statement due to statement timeout'), {
        code: '57014',
        severity: 'ERROR',
      });
    };
    const { state, error } = await ended(auditor, await start(auditor));
    expect([state, error?.code, attempts]).toEqual(['failed', 'platform.job-failed', 5]);
  });

  it('that has to wait lets others take their turn, and is done as soon as it can be', async () => {
    behind = auditor.tenant;
    const reached = new Promise<void>((resolve) => (onPage = () => resolve()));
    const exportId = await start(auditor);
    await reached;
    const other = await exported(await app.client('Auditor', 'south'));
    expect(other.manifest.rows).toBe(450);
    expect(['waiting', 'running']).toContain((await auditor.ask(readExport, { exportId })).state);
    behind = '';
    expect(await ended(auditor, exportId)).toMatchObject({ state: 'done', rows: 450 });
  });

  it('counts among the lists that its caller reads at the same time', async () => {
    let open = (): void => undefined;
    gate = new Promise((done) => (open = done));
    const reached = new Promise<void>((resolve) => (onPage = () => resolve()));
    const exportId = await start(auditor);
    await reached;
    const { running, waiting } = concurrencyRules.query.caller;
    const read = async (): Promise<number> => (await auditor.get('/v1/spec/rows')).status;
    const reads = Array.from({ length: running + waiting }, read);
    // One more than can run or wait beside it.
    expect(await Promise.race(reads)).toBe(429);
    open();
    expect((await Promise.all(reads)).filter((status) => status === 429)).toHaveLength(1);
    expect(await ended(auditor, exportId)).toMatchObject({ state: 'done' });
  });

  it('is done once for one Idempotency-Key', async () => {
    const wanted = { list: listRows.name, format: 'csv' } as const;
    const first = await auditor.execute(startExport, wanted, { key: 'once' });
    expect(await auditor.execute(startExport, wanted, { key: 'once' })).toEqual(first);
  });
});

/** The body as it is. */
function bytes(answer: unknown, done: (error: Error | null, body: Buffer) => void): void {
  const response = answer as NodeJS.ReadableStream;
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('end', () => done(null, Buffer.concat(chunks)));
}
