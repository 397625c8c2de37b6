import { mock } from 'node:test';
import { newId } from '@daybook/kernel';
import { job } from '@daybook/jobs';
import * as z from 'zod';
import { readExport, startExport } from '@daybook/server/export/export.operations';
import { cancelImport, readImport, revertImport, runImport } from '@daybook/server/import/import.operations';
import { RowCaller } from '@daybook/server/import/row-caller';
import { cancelJob, listJobs, readJob } from '@daybook/server/platform/platform.operations';
import { startApp, type TestApp, type TestClient, testTenants } from '@daybook/testing/app';
import { roundTripsOf } from '@daybook/testing/counted-requests';
import { desk, deskOf, listPersons } from '@daybook/testing/desk';

describe('jobs, as the API shows them', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({ contexts: [desk] });
  });
  afterAll(() => app.close());

  /** No process works on this kind: it waits until it is cancelled. */
  const idle = job('test.idle', { title: 'Wait for ever', input: z.object({}) });
  const started = (): Promise<string> =>
    app.projector.jobs.start(
      idle,
      {},
      { tenant: testTenants.north, actor: { kind: 'job', id: 'spec' }, correlationId: newId() },
    );

  it('cancels a waiting job once', async () => {
    const jobId = await started();
    const books = await app.client('Accountant');
    expect(await books.ask(readJob, { jobId })).toMatchObject({ state: 'waiting', title: 'Wait for ever' });
    expect(await books.execute(cancelJob, { jobId })).toEqual({ id: jobId });
    expect(await books.ask(readJob, { jobId })).toMatchObject({ state: 'cancelled' });
    expect((await books.ask(listJobs, {})).items.map(({ id, state }) => [id, state])).toEqual([[jobId, 'cancelled']]);
    await books.execute(cancelJob, { jobId }, { status: 409 });
  });

  it('shows and cancels nothing of another tenant, and is read-only for an Auditor', async () => {
    const jobId = await started();
    const strangers = await app.client('Admin', 'south');
    await strangers.ask(readJob, { jobId }, { status: 404 });
    await strangers.execute(cancelJob, { jobId }, { status: 404 });
    expect((await strangers.ask(listJobs, {})).items).toEqual([]);
    const auditor = await app.client('Auditor');
    await auditor.ask(readJob, { jobId });
    await auditor.execute(cancelJob, { jobId }, { status: 403 });
  });

  describe('an import', () => {
    let admin: TestClient;
    beforeAll(async () => void (admin = await app.client('Admin')));
    const { everyName, settled, text, rehearsed, empty } = deskOf(() => ({ app, admin }));
    afterEach(empty);

    /** Calls `at` before the command of a row is sent, by how many were sent before. */
    function onSending(at: (sent: number) => Promise<void> | void) {
      const { send } = RowCaller.prototype;
      let sent = 0;
      const replaced = mock.method(
        RowCaller.prototype,
        'send',
        async function (this: RowCaller, ...args: Parameters<typeof send>) {
          // prettier-ignore
          await at(sent++);
          return Reflect.apply(send, this, args);
        },
      );
      return { restore: () => replaced.mock.restore() };
    }
    const many = (count: number) => text('Name', ...Array.from({ length: count }, (_, n) => `Row ${String(n).padStart(3, '0')}`)); // prettier-ignore

    it('waits for the database as often for a row of a long file as of a short one, and notes a hundred rows at once', async () => {
      const { send, rehearse } = RowCaller.prototype;
      const trips: number[] = [];
      const counted = (['send', 'rehearse'] as const).map((name) =>
        mock.method(RowCaller.prototype, name, async function (this: RowCaller, ...args: Parameters<typeof send>) {
          const { result, trips: waited } = await roundTripsOf(async () => Reflect.apply(name === 'send' ? send : rehearse, this, args)); // prettier-ignore
          trips.push(waited.length);
          return result;
        }),
      );
      /** Rows that one statement wrote have the transaction and the command in common. */
      const notesOf = async (importId: string) => {
        const { rows } = await app.projector.pool.query<{ notes: number }>(
          `select count(distinct (xmin::text, cmin::text))::int as notes from platform.import_rows where import_id = $1`,
          [importId],
        );
        return rows[0]!.notes;
      };
      try {
        const phases = async (rows: number) => {
          const { importId } = await rehearsed(many(rows), ['Name']);
          const notes = [await notesOf(importId)];
          for (const next of [runImport, revertImport]) {
            await admin.execute(next, { importId });
            await settled(importId);
            notes.push(await notesOf(importId));
          }
          expect((await settled(importId)).counts).toMatchObject({ reverted: rows });
          return { notes, trips: trips.splice(0) };
        };
        const short = await phases(20);
        const long = await phases(300);
        expect([short.notes, long.notes]).toEqual([[1, 1, 1], [3, 3, 3]]); // prettier-ignore
        expect([short.trips.length, long.trips.length]).toEqual([60, 900]);
        // Now and then a row waits for keys or rights besides, which the others know.
        const usual = ({ trips: all }: typeof short, rows: number) =>
          [0, rows, 2 * rows].map((from) => all.slice(from, from + rows).sort((a, b) => a - b)[rows / 2]);
        expect(usual(long, 300)).toEqual(usual(short, 20));
      } finally {
        for (const { mock: replaced } of counted) replaced.restore();
      }
    });

    it('stops amid a run, keeps what it did, and is run on to the end', async () => {
      const { importId } = await rehearsed(many(250), ['Name']);
      const sending = onSending(async (sent) => {
        if (sent === 130) await admin.execute(cancelImport, { importId });
      });
      try {
        await admin.execute(runImport, { importId });
        const stopped = await settled(importId);
        expect(stopped).toMatchObject({ state: 'cancelled', phase: 'run', total: 250 });
        const { done, ready } = stopped.counts;
        expect(done).toBeGreaterThanOrEqual(130);
        expect(done + ready).toBe(250);
        expect(await everyName()).toHaveLength(done);
      } finally {
        sending.restore();
      }
      await admin.execute(runImport, { importId });
      expect(await settled(importId)).toMatchObject({ state: 'done', counts: { done: 250, ready: 0 } });
      expect(new Set(await everyName()).size).toBe(250);
    });

    it('lets an export that is asked for meanwhile go first, once it had its turn, and says how far it is all the time', async () => {
      const { importId } = await rehearsed(many(220), ['Name']);
      const { now } = Date;
      let later = 0;
      const clock = mock.method(Date, 'now', () => now.call(Date) + later);
      let exportId = '';
      const seen: [sent: number, exported: string, done: number][] = [];
      const sending = onSending(async (sent) => {
        if (sent === 50) {
          ({ id: exportId } = await admin.execute(startExport, { list: listPersons.name, format: 'csv' }));
          later = 10_000;
        }
        if (sent < 99 || sent > 101) return;
        const { state } = await admin.ask(readExport, { exportId });
        seen.push([sent, state, (await admin.ask(readImport, { importId })).done]);
      });
      try {
        await admin.execute(runImport, { importId });
        expect(await settled(importId)).toMatchObject({ state: 'done', done: 220, total: 220, counts: { done: 220 } });
      } finally {
        sending.restore();
        clock.mock.restore();
      }
      // A batch has a hundred rows.
      expect(seen).toEqual([[99, 'waiting', 0], [100, 'done', 100], [101, 'done', 100]]); // prettier-ignore
    });
  });
});
