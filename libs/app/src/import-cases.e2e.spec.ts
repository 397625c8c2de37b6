import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { aggregate, change, changed, create, created, field, face, listOf, readOf, record } from '@daybook/kernel';
import { answers, projectionOf, recordTable } from '@daybook/projections';
import { contextOf } from '@daybook/server';
import { exportFile, type ExportFormat, readExport, startExport } from '@daybook/server/export/export.operations';
import { csvRecords } from '@daybook/server/import/csv-records';
import {
  type ImportMapping,
  inspectFile,
  keepTemplate,
  listImportRows,
  listTemplates,
  readImport,
  revertImport,
  runImport,
  startImport,
} from '@daybook/server/import/import.operations';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import { changePerson, desk, deskOf } from '@daybook/testing/desk';

/* Small files that people stumbled over, outside of the project, through the whole product. */
const cases = join(process.cwd(), '../shared/data/cases');
const withCases = existsSync(cases) ? it : it.skip;
if (!existsSync(cases)) console.warn('Skipped: the external test data ../shared/data/cases is not there.');
const caseFile = (name: string): Buffer => readFileSync(join(cases, name));

const party = record('cases.party', {
  one: 'party', many: 'parties', icon: 'user', calledBy: 'name',
  fields: {
    name: field.text('Name'),
    code: field.code('Code', { optional: true }),
    mobile: field.phone('Mobile', { optional: true }),
    office: field.phone('Office', { optional: true }),
    work: field.email('Work', { optional: true }),
    private: field.email('Private', { optional: true }),
    note: field.note('Note', { optional: true }),
    amount: field.quantity('Amount', { optional: true }),
    born: field.date('Born', { optional: true }),
    since: field.date('Customer since', { optional: true }),
  },
}); // prettier-ignore
const events = [created(party), changed(party)] as const;
const [createParty, changeParty] = [create(party), change(party)];
const listParties = listOf(party, { sorts: ['name'] });
const readParty = readOf(party);
const parties = recordTable(party, [listParties]);
const context = contextOf(
  face('cases', { title: 'Cases', icon: 'user', records: [party], roles: { Admin: ['cases.*'] } }),
  [
    aggregate(party, {
      commands: [createParty, changeParty],
      events,
      rules: { create: events[0].of, change: events[1].of },
    }),
    projectionOf(parties, events),
    answers(listParties, parties),
    answers(readParty, parties),
  ],
);

describe('files that people stumbled over', () => {
  let app: TestApp;
  let client: TestClient;
  beforeAll(async () => {
    app = await startApp({ contexts: [context, desk] });
    client = await app.client('Admin');
  });
  afterAll(() => app.close());

  async function ended<T extends { readonly state: string }>(ask: () => Promise<T>): Promise<T> {
    for (let round = 0; round < 2_000; round++) {
      const read = await ask();
      if (!['waiting', 'running'].includes(read.state)) return read;
      await sleep(50);
    }
    throw new Error(`That does not end:\n${app.log.slice(-5).join('')}`);
  }
  const settled = (importId: string) => ended(() => client.ask(readImport, { importId }));
  type Mapping = Partial<ImportMapping>;
  /** Without a mapping each column fills the field that is suggested for it. */
  async function imported(
    file: Buffer,
    { operation = createParty.name, ...mapping }: Mapping & { operation?: string },
  ) {
    const { sha256 } = await client.upload('rows.csv', file);
    const { columns, fields } = await client.ask(inspectFile, { file: sha256, operation });
    const suggested = fields.flatMap(({ name, column }) =>
      column === null ? [] : [{ field: name, name: columns[column - 1]!.name }],
    );
    const wanted = { operation, file: sha256, name: 'rows.csv', mapping: { fields: suggested, ...mapping } };
    const { id: importId } = await client.execute(startImport, wanted);
    const rehearsed = await settled(importId);
    const verdicts = (await client.ask(listImportRows, { importId })).items;
    if (rehearsed.state === 'done') await client.execute(runImport, { importId });
    return { columns, rehearsed, verdicts, read: await settled(importId) };
  }
  const all = async () => (await client.ask(listParties, { limit: 200 })).items;
  const named = async (...names: readonly string[]) => {
    const rows = await all();
    return names.map((name) => rows.find((row) => row.name === name));
  };

  describe('an import', () => {
    const { active, names, settled, rehearsed, ran, verdicts, empty } = deskOf(() => ({ app, admin: client }));
    afterEach(empty);

    withCases('gives no row anything of another, clears where the mapping says so, and counts right', async () => {
      expect(await ran(caseFile('62-import-rows/1-new.csv'), ['Name', 'Email', 'City'])).toMatchObject({
        counts: { done: 5 },
      });
      const by = () => active().then((rows) => Object.fromEntries(rows.map((row) => [row.name, row])));
      expect((await by())['Ole Vik']!.email).toBeNull();
      expect((await by())['Per Lund']!.email).toBeNull();
      const update = { match: 'email', unmatched: 'refuse' } as const;
      const columns = ['Email', 'City', 'Title'];
      const second = await ran(caseFile('62-import-rows/2-update.csv'), columns, update, changePerson.name);
      expect(second).toMatchObject({ changed: 2, counts: { done: 2, refused: 1 } });
      const after = await by();
      expect(after['Berit Aas']).toMatchObject({ city: 'Bergen', title: 'Manager' });
      expect(after['Siri Dal']).toMatchObject({ city: 'Stavanger', title: null });
      expect(after['Ole Vik']).toMatchObject({ city: 'Bodø', title: null });
      const third = await ran(caseFile('62-import-rows/3-bad-rows.csv'), ['Name', 'Email', 'Note']);
      expect(third).toMatchObject({ counts: { done: 4, refused: 1 } });
      expect((await by())['Kai Holm']!.note).toBe('Prefers calls.\nNot on Mondays; says "later"');
      const fourth = await rehearsed(caseFile('62-import-rows/4-open-quote.csv'), ['Name', 'Email', 'Note']);
      expect(fourth).toMatchObject({ state: 'failed', error: { code: 'platform.file-open-quote', message: 'The quote opened in line 2 is never closed.' } }); // prettier-ignore
      expect(await active()).toHaveLength(9);
    });

    withCases('asks where nothing decides how dates are written, and names the lines that contradict', async () => {
      const columns = ['Name', 'Born'];
      const asked = await rehearsed(caseFile('65-import-dates/2-nothing-decides.csv'), columns);
      expect(asked).toMatchObject({ state: 'failed', error: { code: 'platform.import-form-unclear' } });
      await client.execute(runImport, { importId: asked.importId }, { status: 409 });
      const against = await rehearsed(caseFile('65-import-dates/3-contradiction.csv'), columns);
      expect(against.error?.message).toContain('lines 2, 3');
      expect(await names()).toEqual([]);
      await ran(caseFile('65-import-dates/2-nothing-decides.csv'), columns, { forms: { born: 'month-first' } });
      expect(Object.fromEntries((await active()).map(({ name, born }) => [name, born]))).toEqual({ 'Eva Moe': '1990-11-12', 'Per Lund': '1981-03-04' }); // prettier-ignore
    });

    withCases('is reverted without deleting what it only changed, and without taking away later work', async () => {
      const columns = ['Email', 'Name', 'City', 'Title'];
      await ran(caseFile('66-import-revert/1-before.csv'), columns);
      const { importId, ...read } = await ran(caseFile('66-import-revert/2-import.csv'), columns, { match: 'email' });
      expect(read).toMatchObject({ created: 2, changed: 2, counts: { done: 4, unchanged: 1 } });
      const named = async (wanted: string) => (await active()).find(({ name }) => name === wanted)!;
      const [ole, per] = [await named('Ole Vik'), await named('Per Lund')];
      await client.execute(changePerson, { id: ole.id, city: 'Hamar' }, { version: ole.version });
      await client.execute(changePerson, { id: per.id, note: 'Rings on Fridays' }, { version: per.version });
      await client.execute(revertImport, { importId });
      expect(await settled(importId)).toMatchObject({
        phase: 'revert',
        counts: { reverted: 2, kept: 2, unchanged: 1 },
      });
      expect(await names()).toEqual(['Berit Aas', 'Ida Berge', 'Ole Vik', 'Per Lund']);
      expect(await named('Berit Aas')).toMatchObject({ city: 'Bergen', title: 'Buyer' });
      expect(await named('Ole Vik')).toMatchObject({ city: 'Hamar', title: 'Manager' });
      expect(await named('Per Lund')).toMatchObject({ note: 'Rings on Fridays' });
      expect((await verdicts(importId)).filter(([, state]) => state === 'kept').map(([line]) => line)).toEqual([3, 6]);
      await client.execute(revertImport, { importId });
      expect(await settled(importId)).toMatchObject({ counts: { reverted: 2, kept: 2, unchanged: 1 } });
      await client.execute(runImport, { importId }, { status: 409 });
    });
  });

  withCases('a bad row is refused alone, with its line, and quotes and missing cells are as they stand', async () => {
    const { verdicts, read } = await imported(caseFile('62-import-rows/3-bad-rows.csv'), {
      fields: ['Name', 'Email', 'Note'].map((name) => ({ field: name === 'Email' ? 'work' : name.toLowerCase(), name, occurrence: 1, blank: 'keep' as const })), // prettier-ignore
    });
    expect(read.counts).toMatchObject({ done: 4, refused: 1 });
    expect(verdicts.filter(({ state }) => state === 'refused')).toMatchObject([{ record: 2, line: 4 }]);
    const [kai, nils, ida, jo] = await named('Kai Holm', 'Nils "Nisse" Haug', 'Ida Berge', 'Jo Li');
    expect(kai!.note).toBe('Prefers calls.\nNot on Mondays; says "later"');
    expect(nils!.note).toBe('pipes of 5" and 8"');
    expect(ida!.note).toBe('Unit 4, yard');
    expect(jo!.note).toBeNull();
  });

  withCases('marks against formulas are taken off by the next import, from every kind of file', async () => {
    type Text = 'code' | 'name' | 'phone' | 'note' | 'amount';
    const { organisations } = JSON.parse(caseFile('63-csv-out-and-in/values.json').toString()) as { organisations: Record<Text, string>[] }; // prettier-ignore
    const ids = new Set<string>();
    for (const { phone, ...texts } of organisations) {
      const filled = Object.entries({ ...texts, mobile: phone }).filter(([, text]) => text !== '');
      const { id } = await client.execute(createParty, Object.fromEntries(filled) as { name: string });
      ids.add(id);
    }
    const made = async () => (await all()).filter(({ id }) => ids.has(id));
    const before = await made();
    const noted = ({ note }: { note: string }): string => note.trim();
    expect(before.map(({ note }) => note).sort()).toEqual(organisations.map(noted).sort());
    for (const format of ['csv', 'csv-excel', 'xlsx'] as const satisfies ExportFormat[]) {
      const { id: exportId } = await client.execute(startExport, { list: listParties.name, format });
      expect(await ended(() => client.ask(readExport, { exportId }))).toMatchObject({ state: 'done' });
      const answer = await client.get(exportFile(exportId)).buffer(true).parse(bytes).expect(200);
      const file = answer.body as Buffer;
      if (format === 'csv-excel') await forExcel(file.toString('utf8'), ids);
      const { read, rehearsed } = await imported(file, {
        operation: changeParty.name,
        match: 'id',
        unmatched: 'refuse',
      });
      expect([format, rehearsed.counts.unchanged, rehearsed.counts.refused, read.counts.done]).toEqual([format, (await all()).length, 0, 0]); // prettier-ignore
      expect(await made()).toEqual(before);
    }
    // Typed with a blank in front it is the same name, and no change.
    const { id } = before.find(({ name }) => name === 'leading blank')!;
    const blank = Buffer.from(`id,name\n${id},"  leading blank "\n`);
    const { rehearsed } = await imported(blank, { operation: changeParty.name, match: 'id' });
    expect(rehearsed.counts).toMatchObject({ unchanged: 1, ready: 0 });
  });

  async function forExcel(text: string, ids: ReadonlySet<string>) {
    const found: (readonly string[])[] = [];
    for await (const { cells } of csvRecords(pieces(text.replace(/^\ufeff/, '')), ';')) found.push(cells);
    const [header = [], ...rows] = found;
    const amountAt = header.indexOf('amount');
    const ours = rows.filter((cells) => ids.has(cells[header.indexOf('id')] ?? ''));
    expect(ours).toHaveLength(ids.size);
    for (const cells of ours) {
      for (const [at, cell] of cells.entries())
        if (at === amountAt) expect(cell).toMatch(/^(-?\d+(,\d+)?)?$/);
        else expect(cell).not.toMatch(/^[=+\-@\t]/);
    }
  }

  withCases('columns of one name are two, and in a file that lacks one nothing moves up', async () => {
    const fields = [
      { field: 'name', name: 'Name', occurrence: 1 },
      { field: 'mobile', name: 'Phone', occurrence: 1 },
      { field: 'office', name: 'Phone', occurrence: 2 },
      { field: 'note', name: 'Phone_1', occurrence: 1 },
      { field: 'work', name: 'E-mail', occurrence: 1 },
      { field: 'private', name: 'e-mail', occurrence: 1 },
    ].map((one) => ({ ...one, blank: 'keep' as const }));
    const mapping = { fields, forms: {}, match: null, unmatched: 'create' as const };
    await client.execute(keepTemplate, { operation: createParty.name, name: 'Fair', mapping });
    const [kept] = (await client.ask(listTemplates, { operation: createParty.name })).items;
    const first = await imported(caseFile('64-headers-twice/1-two-phones.csv'), kept!.mapping);
    expect(first.columns.map(({ place, name, occurrence }) => [place, name, occurrence])).toEqual([[1, 'Name', 1], [2, 'Phone', 1], [3, 'Phone', 2], [4, 'Phone_1', 1], [5, 'E-mail', 1], [6, 'e-mail', 1], [7, '', 1]]); // prettier-ignore
    expect(first.columns.at(-1)!.samples).toEqual([]);
    expect(first.read.counts).toMatchObject({ done: 3, refused: 0 });
    const [berit, ole, siri] = await named('Berit Aas', 'Ole Vik', 'Siri Dal');
    expect(berit).toMatchObject({ mobile: '+46 70 174 06 05', office: '+46 8 465 004 01', note: 'ext. 12', work: 'berit@nordlys.example.com', private: 'b.aas@privat.example.com' }); // prettier-ignore
    expect(ole).toMatchObject({
      mobile: null,
      office: '+46 8 465 004 02',
      work: null,
      private: 'ole@nordlys.example.com',
    });
    expect(siri).toMatchObject({ mobile: '+46 70 174 06 06', office: '+46 70 174 06 06' });
    const second = await imported(caseFile('64-headers-twice/2-one-phone.csv'), kept!.mapping);
    expect(second.read.missing).toEqual(['Phone', 'Phone_1', 'e-mail']);
    const [per] = await named('Per Lund');
    expect(per).toMatchObject({ mobile: '+46 8 465 004 03', office: null, note: null, work: 'per@nordlys.example.com', private: null }); // prettier-ignore
  });

  withCases('one row decides how a column of dates is read, and a day that does not exist is refused', async () => {
    const first = await imported(caseFile('65-import-dates/1-one-row-decides.csv'), {});
    expect(first.read.counts).toMatchObject({ done: 3, refused: 0 });
    const made = (await all()).filter(({ since }) => since !== null);
    expect(made.map(({ born, since }) => [born, since]).sort()).toEqual([['1979-12-25', '2025-03-01'], ['1981-04-03', '2024-02-29'], ['1990-11-12', '2025-11-30']]); // prettier-ignore
    const fourth = await imported(caseFile('65-import-dates/4-no-such-day.csv'), {});
    expect(fourth.verdicts.map(({ line, state }) => [line, state])).toEqual([[2, 'refused'], [3, 'refused'], [4, 'ready'], [5, 'refused']]); // prettier-ignore
    expect(fourth.read.counts).toMatchObject({ done: 1, refused: 3 });
    expect((await named('Gro Sand'))[0]).toMatchObject({ born: '1980-02-29' });
    expect(await named('Tor Eng', 'Bo Kvam')).toEqual([undefined, undefined]);
  });
});

async function* pieces(text: string): AsyncIterable<string> {
  yield text;
}
function bytes(answer: unknown, done: (error: Error | null, body: Buffer) => void): void {
  const response = answer as NodeJS.ReadableStream;
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('end', () => done(null, Buffer.concat(chunks)));
}
