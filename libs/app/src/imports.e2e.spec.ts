import { mock } from 'node:test';
import { addAccount, addJournal, createCompany, listAccounts, postEntry, removeAccount } from '@daybook/accounting';
import { setRule } from '@daybook/approvals';
import { newId } from '@daybook/kernel';
import {
  cancelImport,
  inspectFile,
  keepTemplate,
  listImportRows,
  listTemplates,
  readImport,
  refusedFile,
  revertImport,
  runImport,
  startBulk,
  startImport,
} from '@daybook/server/import/import.operations';
import { importData, ImportRows, mostTemplates } from '@daybook/server/import/import-rows';
import { RowCaller } from '@daybook/server/import/row-caller';
import { ENTITY_MANAGER } from '@daybook/server/nest/tokens';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import { archivePerson, changePerson, createPerson, desk, deskOf } from '@daybook/testing/desk';

/* Files of rows that come in, and commands for many records: rehearsed, run, taken back. */
describe('an import', () => {
  let app: TestApp;
  let admin: TestClient;
  beforeAll(async () => {
    app = await startApp({ contexts: [desk] });
    admin = await app.client('Admin');
  });
  afterAll(() => app.close());
  const { active, names, mapped, settled, text, rehearsed, ran, verdicts, empty } = deskOf(() => ({ app, admin }));
  afterEach(empty);

  it('shows what a file is before anything is read of it', async () => {
    const { sha256 } = await admin.upload(
      'two.csv',
      Buffer.from('Name;Born;Phone;Phone\nÅse;03/04/1981;1;2\n', 'latin1'),
    );
    const found = await admin.ask(inspectFile, { file: sha256, operation: createPerson.name });
    expect(found).toMatchObject({ format: 'csv', encoding: 'windows-1252', separator: ';', rows: 1 });
    expect(found.columns.map(({ name, occurrence, samples }) => [name, occurrence, samples[0]])).toEqual([['Name', 1, 'Åse'], ['Born', 1, '03/04/1981'], ['Phone', 1, '1'], ['Phone', 2, '2']]); // prettier-ignore
    expect(found.columns[1]!.dates).toEqual({ kind: 'ask', forms: ['day-first', 'month-first'], lines: [] });
    expect(found.fields.find(({ name }) => name === 'name')).toMatchObject({
      label: 'Name',
      isRequired: true,
      column: 1,
    });
    expect(found.fields.filter(({ matches }) => matches).map(({ name }) => name)).toEqual(['id', 'email']);
  });

  it('changes nothing until it is run, then every row that was accepted, once', async () => {
    const content = text('Name,Email,Born', 'Kai,kai@fjell.example.com,1981-02-29', 'Liv,liv.fjell.example.com,', 'Nils,nils@fjell.example.com,25/12/1979', 'Ida,NILS@fjell.example.com,'); // prettier-ignore
    const { importId, ...read } = await rehearsed(content, ['Name', 'Email', 'Born']);
    expect(read).toMatchObject({ state: 'done', phase: 'rehearsal', created: 1, counts: { ready: 1, refused: 3 } });
    expect(await names()).toEqual([]);
    expect(await verdicts(importId)).toEqual([
      [2, 'refused', '“1981-02-29” is not a date that exists.'],
      [3, 'refused', 'Give an e-mail address like ola@example.com.'],
      [4, 'ready', undefined],
      [5, 'refused', 'Line 4 has the same value already.'],
    ]);
    await admin.execute(revertImport, { importId }, { status: 409 });
    await admin.execute(runImport, { importId });
    expect(await settled(importId)).toMatchObject({ phase: 'run', counts: { done: 1, refused: 3 } });
    expect(await active()).toMatchObject([{ name: 'Nils', born: '1979-12-25' }]);

    // As if the process had died after the append, before it noted the row.
    const rows = new ImportRows(app.app.get(ENTITY_MANAGER));
    await rows.settle(admin.tenant, importId, [{ record: 3, state: 'ready' }]);
    await admin.execute(runImport, { importId });
    expect(await settled(importId)).toMatchObject({ counts: { done: 1, refused: 3 } });
    expect(await names()).toEqual(['Nils']);

    const { text: refused } = await admin.get(refusedFile(importId)).expect(200);
    expect(refused.split('\r\n').slice(0, 2)).toEqual(['\ufeffName,Email,Born,Reason', 'Kai,kai@fjell.example.com,1981-02-29,born: “1981-02-29” is not a date that exists.']); // prettier-ignore
    const mended = await ran(Buffer.from(refused.replace('1981-02-29,', '1981-02-28,')), ['Name', 'Email', 'Born']);
    expect(mended).toMatchObject({ counts: { done: 1, refused: 2 } });
  });

  it('keeps its mapping under a name, and names the columns that another file lacks', async () => {
    const kept = { operation: createPerson.name, name: 'Fair', mapping: mapped(['Name', 'City']) };
    await admin.execute(keepTemplate, kept);
    const { items } = await admin.ask(listTemplates, { operation: createPerson.name });
    expect(items).toEqual([{ name: 'Fair', mapping: { fields: [{ field: 'name', name: 'Name', occurrence: 1, blank: 'keep' }, { field: 'city', name: 'City', occurrence: 1, blank: 'keep' }], forms: {}, match: null, unmatched: 'create' } }]); // prettier-ignore
    expect(await rehearsed(text('Town,Name', 'Oslo,Per'), ['Name', 'City'])).toMatchObject({
      missing: ['City'],
      counts: { ready: 1 },
    });
    const rows = new ImportRows(app.app.get(ENTITY_MANAGER));
    const full = { ...kept, operation: changePerson.name };
    for (let n = 0; n < mostTemplates; n += 1)
      await rows.keep(admin.tenant, full.operation, `Fair ${n}`, items[0]!.mapping);
    await admin.execute(keepTemplate, full, { status: 409 });
    await admin.execute(keepTemplate, { ...full, name: 'Fair 7' });
    const south = await app.client('Admin', 'south');
    expect((await south.ask(listTemplates, { operation: createPerson.name })).items).toEqual([]);
  });

  it('is for who started it, and for commands that they may run themselves', async () => {
    const { importId } = await rehearsed(text('Name', 'Per'), ['Name']);
    for (const other of [await app.client('Accountant'), await app.client('Admin', 'south')]) {
      await other.ask(readImport, { importId }, { status: 404 });
      await other.ask(listImportRows, { importId }, { status: 404 });
      await other.execute(runImport, { importId }, { status: 404 });
      await other.get(refusedFile(importId)).expect(404);
    }
    for (const cursor of ['-1', '2147483648', '9007199254740991', 'x'])
      await admin.get(`/v1/platform/imports/${importId}/rows`).query({ cursor }).expect(400);
    const books = await app.client('Accountant');
    const { sha256 } = await books.upload('x.csv', 'Name\nPer\n');
    const wanted = { operation: createPerson.name, file: sha256, name: 'x.csv', mapping: mapped(['Name']) };
    await books.execute(startImport, wanted, { status: 403 });
    await admin.execute(startImport, { ...wanted, operation: 'identity.session.start' }, { status: 404 });
    await admin.execute(startImport, { ...wanted, operation: setRule.name }, { status: 409 });
    await admin.execute(startImport, { ...wanted, file: '0'.repeat(64) }, { status: 404 });
    await admin.execute(startImport, { ...wanted, mapping: mapped(['None']) }, { status: 400 });
    await admin.execute(cancelImport, { importId }, { status: 409 });
  });

  it('keeps no row of an import that is erased while it is rehearsed', async () => {
    const rows = new ImportRows(app.app.get(ENTITY_MANAGER));
    const { importId } = await rehearsed(text('Name', 'Per'), ['Name']);
    const [row] = await rows.rows(admin.tenant, importId, { after: null, limit: 1 });
    const nobody = { personId: newId(), emails: [], aliases: [], own: false };
    await importData(app.app.get(ENTITY_MANAGER)).forget?.({ tenant: admin.tenant, ...nobody });
    await expect(rows.add(admin.tenant, importId, [{ ...row!, record: 2 }])).rejects.toThrow('foreign key');
    expect(await rows.counts(admin.tenant, importId)).toEqual([]);
    await admin.ask(readImport, { importId }, { status: 404 });
  });

  it('is refused when it is rehearsed, not when it is run, where a command needs the version that was seen', async () => {
    const input = { commentId: newId(), text: 'Mended' };
    const { id } = await admin.execute(startBulk, { operation: 'collaboration.comment.edit', items: [{ input }] });
    expect(await settled(id)).toMatchObject({ phase: 'rehearsal', counts: { ready: 0, refused: 1 } });
    expect((await verdicts(id))[0]![2]).toContain('needs If-Match');
  });

  it('is run by one job, however many ask for it at once', async () => {
    const { importId } = await rehearsed(text('Name', 'Per', 'Ola'), ['Name']);
    // It does not end while others still ask.
    const { send } = RowCaller.prototype;
    const { promise: allAsked, resolve } = Promise.withResolvers<void>();
    const sending = mock.method(
      RowCaller.prototype,
      'send',
      async function (this: RowCaller, ...args: Parameters<typeof send>) {
        await allAsked;
        return Reflect.apply(send, this, args);
      },
    );
    const ask = () => admin.post(`/v1/platform/imports/${importId}/run`, {});
    const asked = await Promise.all(Array.from({ length: 4 }, ask)).finally(resolve);
    sending.mock.restore();
    expect(asked.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    expect(await settled(importId)).toMatchObject({ counts: { done: 2 } });
    await admin.get(`/v1/platform/imports/${importId}/rows?cursor=99999999999`).expect(400);
  });

  it('runs one command for chosen records, and takes it back', async () => {
    await ran(text('Name', 'Ada', 'Bo', 'Cy'), ['Name']);
    const [ada, bo] = await active();
    const { id } = await admin.execute(startBulk, {
      operation: archivePerson.name,
      items: [ada, bo].map((one) => ({ input: { id: one!.id } })),
    });
    expect(await settled(id)).toMatchObject({ name: null, counts: { ready: 2 } });
    await admin.execute(runImport, { importId: id });
    expect(await settled(id)).toMatchObject({ counts: { done: 2 } });
    expect(await names()).toEqual(['Cy']);
    await admin.execute(revertImport, { importId: id });
    expect(await settled(id)).toMatchObject({ counts: { reverted: 2 } });
    const all = await admin.execute(startBulk, {
      operation: changePerson.name,
      where: { status: ['active'] },
      forAll: { city: 'Oslo' },
    });
    expect(await settled(all.id)).toMatchObject({ counts: { ready: 3 } });
    await admin.execute(runImport, { importId: all.id });
    await settled(all.id);
    expect((await active()).map(({ city }) => city)).toEqual(['Oslo', 'Oslo', 'Oslo']);
    await admin.execute(revertImport, { importId: all.id });
    await settled(all.id);
    expect((await active()).map(({ city }) => city)).toEqual([null, null, null]);
  });

  it('adds and changes accounts of a company by their number', async () => {
    const { id: companyId } = await admin.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' });
    await admin.execute(addAccount, { companyId, number: '1500', name: 'Debtors', class: 'asset' });
    const { sha256 } = await admin.upload('chart.csv', 'Number;Name;Class\n1500;Customers;asset\n3000;Sales;income\n2400;Creditors;debt\n'); // prettier-ignore
    const mapping = mapped(['Number', 'Name', 'Class'], { match: 'number' });
    const wanted = { operation: addAccount.name, file: sha256, name: 'chart.csv', mapping, forAll: { companyId } };
    const { id: importId } = await admin.execute(startImport, wanted);
    expect(await settled(importId)).toMatchObject({ created: 1, changed: 1, counts: { ready: 2, refused: 1 } });
    await admin.execute(runImport, { importId });
    await settled(importId);
    const chart = async () =>
      (await admin.ask(listAccounts, { companyId })).items.map(({ number, name }) => [number, name]);
    expect(await chart()).toEqual([['1500', 'Customers'], ['3000', 'Sales']]); // prettier-ignore
    await admin.execute(revertImport, { importId });
    expect(await settled(importId)).toMatchObject({ counts: { reverted: 2, kept: 0 } });
    expect(await chart()).toEqual([['1500', 'Debtors']]);
  });

  it('takes back the accounts that it added, but none that was posted to or added anew since', async () => {
    const { id: companyId } = await admin.execute(createCompany, { name: 'Elv AS', currency: 'NOK' });
    const books = await app.client('Accountant');
    const { sha256 } = await books.upload('chart.csv', 'Number;Name;Class\n1500;Debtors;asset\n1920;Bank;asset\n3000;Sales;income\n4000;Goods;expense\n'); // prettier-ignore
    const mapping = mapped(['Number', 'Name', 'Class']);
    const wanted = { operation: addAccount.name, file: sha256, name: 'chart.csv', mapping, forAll: { companyId } };
    const { id: importId } = await books.execute(startImport, wanted);
    await settled(importId, books);
    await books.execute(runImport, { importId });
    expect(await settled(importId, books)).toMatchObject({ counts: { done: 4 } });
    await books.execute(addJournal, { companyId, code: 'GL', name: 'General' });
    const lines = [
      { account: '1920', side: 'debit' as const, amount: '10' },
      { account: '3000', side: 'credit' as const, amount: '10' },
    ];
    await books.execute(postEntry, { companyId, journal: 'GL', date: '2026-03-31', description: 'Sale', lines });
    // Somebody else's account of the same number is not the import's.
    await admin.execute(removeAccount, { companyId, number: '4000' });
    await admin.execute(addAccount, { companyId, number: '4000', name: 'Other goods', class: 'expense' });
    await books.execute(revertImport, { importId });
    expect(await settled(importId, books)).toMatchObject({ counts: { reverted: 1, kept: 3 } });
    const { items } = await books.ask(listImportRows, { importId });
    expect(items.map(({ cells, state, errors }) => [cells[0], state, errors[0]?.code])).toEqual([
      ['1500', 'reverted', undefined],
      ['1920', 'kept', 'accounting.account-used'],
      ['3000', 'kept', 'accounting.account-used'],
      ['4000', 'kept', 'platform.import-changed-since'],
    ]);
    const left = (await books.ask(listAccounts, { companyId })).items.map(({ number, name }) => [number, name]);
    expect(left).toEqual([['1920', 'Bank'], ['3000', 'Sales'], ['4000', 'Other goods']]); // prettier-ignore
    await books.execute(removeAccount, { companyId, number: '1920' }, { status: 409 });
  });

  it('lists rows that wait for approval as waiting', async () => {
    await admin.execute(setRule, { ruleId: newId(), operation: createPerson.name, approvers: 1 });
    const { importId, ...read } = await rehearsed(text('Name', 'Held'), ['Name']);
    expect(read).toMatchObject({ counts: { ready: 0, waits: 1 } });
    await admin.execute(runImport, { importId });
    expect(await settled(importId)).toMatchObject({ counts: { waiting: 1, done: 0 } });
    expect(await names()).toEqual([]);
  });
});
