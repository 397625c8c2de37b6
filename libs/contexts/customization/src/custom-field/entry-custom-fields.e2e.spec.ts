import {
  addAccount,
  addJournal,
  createCompany,
  listEntries,
  postEntry,
  readEntry,
  releaseEntry,
  reverseEntry,
  holdEntry,
} from '@daybook/accounting';
import { listEvents } from '@daybook/audit';
import type { CustomKind } from '@daybook/kernel';
import { exportFile, readExport, startExport } from '@daybook/server/export/export.operations';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import { roundTripsOf } from '@daybook/testing/counted-requests';
import { createCustomField, listRecordTypes, retireCustomField } from './custom-field.operations.js';

describe('custom fields of entries, in the whole product', () => {
  let app: TestApp;
  let admin: TestClient;
  let books: TestClient;
  let companyId: string;
  const fields: Record<string, string> = {};
  const entries: Record<string, string> = {};
  type Custom = Record<string, string | boolean | null>;

  const entry = (description: string, custom?: Custom) => ({
    companyId,
    journal: 'GL',
    date: '2026-03-31',
    description,
    lines: [
      { account: '1920', side: 'debit' as const, amount: '100' },
      { account: '3000', side: 'credit' as const, amount: '100' },
    ],
    ...(custom && { custom }),
  });
  const post = async (description: string, custom?: Custom) =>
    (entries[description] = (await books.execute(postEntry, entry(description, custom))).id);
  const found = async (where: object) =>
    (await books.ask(listEntries, { companyId, ...where })).items.map(({ description }) => description);
  const read = async (description: string) =>
    (await books.ask(readEntry, { companyId, entryId: entries[description]! })).custom;

  beforeAll(async () => {
    app = await startApp();
    [admin, books] = [await app.client('Admin'), await app.client('Accountant')];
    companyId = (await books.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' })).id;
    await books.execute(addAccount, { companyId, number: '1920', name: 'Bank', class: 'asset' });
    await books.execute(addAccount, { companyId, number: '3000', name: 'Sales', class: 'income' });
    await books.execute(addJournal, { companyId, code: 'GL', name: 'General' });
    const define = async (key: string, kind: CustomKind, more: object = {}) => {
      const input = { recordType: 'accounting.entry', key, label: `The ${key}`, kind, ...more };
      fields[key] = (await admin.execute(createCustomField, createCustomField.input.parse(input))).id;
    };
    await define('project', 'choice', { choices: ['Pier', 'Quay', 'Ärla'] });
    await define('hours', 'number', { position: 1 });
    await define('note', 'text', { position: 2 });
    await post('One', { project: 'Quay', hours: '10' });
    await post('Two', { project: 'Pier', hours: '9.50', note: 'åpen' });
    await post('Three');
    await post('Four', { hours: '2', note: 'Zoo' });
    await post('Five', { project: 'Ärla' });
  }, 90_000);
  afterAll(() => app.close());

  it('are entered with the entry, under one version, and shown by REST and GraphQL', async () => {
    expect(await read('Two')).toEqual({ hours: '9.5', note: 'åpen', project: 'Pier' });
    expect(await read('Three')).toBeNull();
    const graphql = await books.graphql(`{ accountingEntryList(input: { companyId: "${companyId}", custom: ["project=Quay"] }) { items { description custom version } } }`); // prettier-ignore
    expect(graphql.body.data.accountingEntryList.items).toEqual([
      { description: 'One', custom: { hours: '10', project: 'Quay' }, version: 1 },
    ]);
    expect((await admin.ask(listRecordTypes, {})).items).toContainEqual({
      name: 'accounting.entry',
      title: 'Entries',
      personal: false,
    });
  });

  it('are refused at their pointer, and nothing is posted', async () => {
    const refused = await books.execute(postEntry, entry('Wrong', { project: 'Bridge', colour: 'red' }), {
      status: 409,
    });
    expect(refused).toMatchObject({
      code: 'accounting.entry-invalid',
      errors: [{ pointer: '/custom/project' }, { pointer: '/custom/colour' }],
    });
    expect(await found({ text: 'Wrong' })).toEqual([]);
  });

  it('filter and sort the list, over its pages, and entries without a value come last', async () => {
    expect(await found({ custom: ['project=Pier', 'project=Quay'] })).toEqual(['Two', 'One']);
    expect(await found({ custom: ['hours>=3', 'hours<=10'] })).toEqual(['Two', 'One']);
    expect(await found({ customSort: 'hours' })).toEqual(['Four', 'Two', 'One', 'Five', 'Three']);
    expect(await found({ customSort: '-hours', sort: ['date'] })).toEqual(['One', 'Two', 'Four', 'Three', 'Five']);
    expect(await found({ customSort: 'note', custom: ['hours>=1'] })).toEqual(['Four', 'Two', 'One']);
    for (const customSort of ['project', '-project', 'hours', '-note']) {
      const whole = await found({ customSort });
      const paged: string[] = [];
      for (let cursor: string | null | undefined; cursor !== null;) {
        const page = await books.ask(listEntries, { companyId, customSort, limit: 2, ...(cursor && { cursor }) });
        paged.push(...page.items.map(({ description }) => String(description)));
        cursor = page.next;
      }
      expect(paged).toEqual(whole);
    }
    await books.get(`/v1/accounting/companies/${companyId}/entries?custom=colour%3Dred`).expect(400);
  });

  it('cost the list one question when it is asked about them, and the posting none', async () => {
    await found({});
    const trips = async (work: () => Promise<unknown>) => (await roundTripsOf(work)).trips.length;
    const plain = await trips(() => found({}));
    const asked = await trips(() => found({ custom: ['project=Pier'], customSort: 'hours' }));
    expect(asked - plain).toBeLessThanOrEqual(1);
    await post('Warm', { hours: '1' });
    const without = await trips(() => post('Six'));
    expect(await trips(() => post('Seven', { hours: '1', note: 'x' }))).toBe(without);
  });

  it('are in the trail of the entry as it was posted, and say nothing of what happens later', async () => {
    const entryId = entries['Two']!;
    await books.execute(holdEntry, { companyId, entryId, reason: 'Why?' });
    await books.execute(releaseEntry, { companyId, entryId });
    const { items } = await admin.ask(listEvents, { recordType: 'accounting.entry', recordId: entryId });
    expect(items.map(({ changes }) => changes.map(({ field, after }) => [field, after]))).toEqual([
      [],
      [],
      [
        ['custom.hours', '9.5'],
        ['custom.note', 'åpen'],
        ['custom.project', 'Pier'],
      ],
    ]);
  });

  it('are columns of their own in a file', async () => {
    const columns = ['description', 'custom.project', 'custom.hours'];
    const input = { companyId, customSort: 'hours', custom: ['hours>=9'] };
    const { id: exportId } = await books.execute(startExport, {
      list: listEntries.name,
      format: 'csv',
      columns,
      input,
    });
    for (;;) {
      const { state, error } = await books.ask(readExport, { exportId });
      if (error) throw new Error(JSON.stringify(error));
      if (state === 'done') break;
    }
    const { text } = await books.get(exportFile(exportId)).expect(200);
    expect(text.trim().split('\r\n')).toEqual([columns.join(','), 'Two,Pier,9.5', 'One,Quay,10']);
  });

  it('are the same in the reversal, so that both are found together, also of a field that was retired since', async () => {
    await admin.execute(retireCustomField, { id: fields['project']! });
    const { id } = await books.execute(reverseEntry, { companyId, entryId: entries['One']! });
    expect((await books.ask(readEntry, { companyId, entryId: id })).custom).toEqual({ hours: '10', project: 'Quay' });
    expect(await found({ custom: ['project=Quay'] })).toHaveLength(2);
  });
});
