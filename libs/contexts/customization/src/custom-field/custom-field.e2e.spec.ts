import { addAccount, changeAccount, createCompany, listAccounts, readAccount } from '@daybook/accounting';
import { listEvents } from '@daybook/audit';
import type { CustomKind } from '@daybook/kernel';
import { exportFile, readExport, startExport } from '@daybook/server/export/export.operations';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import {
  changeCustomField,
  createCustomField,
  listCustomFields,
  listRecordTypes,
  restoreCustomField,
  retireCustomField,
} from './custom-field.operations.js';

describe('custom fields, in the whole product', () => {
  let app: TestApp;
  let admin: TestClient;
  let books: TestClient;
  let companyId: string;
  const fields: Record<string, string> = {};
  beforeAll(async () => {
    app = await startApp();
    [admin, books] = [await app.client('Admin'), await app.client('Accountant')];
    companyId = (await books.execute(createCompany, { name: 'Nordlys Kaffe AS', currency: 'NOK' })).id;
    const define = async (key: string, kind: CustomKind, more: object = {}) => {
      const input = { recordType: 'accounting.account', key, label: `The ${key}`, kind, ...more };
      fields[key] = (await admin.execute(createCustomField, createCustomField.input.parse(input))).id;
    };
    await define('region', 'choice', { choices: ['North', 'South'] });
    await define('budget', 'number', { position: 1 });
    await define('reviewedOn', 'date', { position: 2 });
    await define('internal', 'yes-no', { position: 3 });
  });
  afterAll(() => app.close());

  type Custom = Record<string, string | boolean | null>;
  const add = (number: string, custom?: Custom) =>
    books.execute(addAccount, {
      companyId,
      number,
      name: `Account ${number}`,
      class: 'asset',
      ...(custom && { custom }),
    });
  const read = async (number: string) => (await books.ask(readAccount, { companyId, number })).custom;
  const numbers = async (where: object) =>
    (await books.ask(listAccounts, { companyId, ...where })).items.map(({ number }) => number);
  /** Decisions may know a field for up to ten seconds after it changed; what would refuse is asked anew. */
  const current = () =>
    books.execute(changeAccount, { companyId, number: '1000', custom: { nothing: 'x' } }, { status: 409 });
  const path = (number: string): string => `/v1/accounting/companies/${companyId}/accounts/${number}`;

  it('are entered with the record, under one version, as soon as they are defined', async () => {
    expect(await add('1000', { region: 'North', budget: '1200.50', internal: true })).toMatchObject({ version: 1 });
    expect(await add('1100', { region: 'South', budget: '900', reviewedOn: '2026-03-31' })).toMatchObject({
      version: 1,
    });
    await add('1200');
    expect(await read('1000')).toEqual({ budget: '1200.5', internal: true, region: 'North' });
    expect(await read('1200')).toBeNull();
    await books
      .put(path('1000'), { custom: { budget: '1300', internal: null } })
      .set('if-match', '"7"')
      .expect(412);
    await books.put(path('1000'), { custom: { budget: '1300', internal: null } }).set('if-match', '"1"').expect('etag', '"2"'); // prettier-ignore
    expect(await read('1000')).toEqual({ budget: '1300', region: 'North' });
    const graphql = await books.graphql(`{ accountingAccountRead(input: { companyId: "${companyId}", number: "1000" }) { custom } }`); // prettier-ignore
    expect(graphql.body.data.accountingAccountRead).toEqual({ custom: { budget: '1300', region: 'North' } });
    const changing = `mutation { accountingAccountChange(input: { companyId: "${companyId}", number: "1200", custom: { region: "South" } }) { version } }`;
    expect((await books.graphql(changing)).body).toEqual({ data: { accountingAccountChange: { version: 2 } } });
  });

  it('are refused at their pointer, with the rule and the way out', async () => {
    const wrong = { region: 'West', budget: '1,5', colour: 'red' };
    const input = { companyId, number: '1900', name: 'Wrong', class: 'asset', custom: wrong } as const;
    expect(await books.execute(addAccount, input, { status: 409 })).toMatchObject({
      code: 'accounting.account-invalid',
      errors: [
        { pointer: '/custom/region', message: 'The region is one of: North, South.' },
        { pointer: '/custom/budget' },
        {
          pointer: '/custom/colour',
          message: expect.stringContaining('There are: budget, internal, region, reviewedOn.'),
        },
      ],
    });
    await books.post(`/v1/accounting/companies/${companyId}/accounts`, { ...input, custom: { region: 7 } }).expect(400);
  });

  it('filter and sort a list by what they are', async () => {
    expect(await numbers({ custom: ['region=South'] })).toEqual(['1100', '1200']);
    expect(await numbers({ custom: ['budget>=901', 'budget<=5000'] })).toEqual(['1000']);
    expect(await numbers({ customSort: 'budget' })).toEqual(['1100', '1000', '1200']);
    const { body } = await books.get(`/v1/accounting/companies/${companyId}/accounts?custom=region%3DSouth&custom=reviewedOn%3E%3D2026-01-01`).expect(200); // prettier-ignore
    expect(body.items.map(({ number }: { number: string }) => number)).toEqual(['1100']);
  });

  it('are told in the trail one by one, with what was before', async () => {
    const { items } = await admin.ask(listEvents, { recordType: 'accounting.account', recordId: `${companyId}/1000` });
    expect(items[0]?.changes).toEqual([
      { field: 'custom.budget', before: '1200.5', after: '1300' },
      { field: 'custom.internal', before: 'true', after: '' },
    ]);
  });

  it('are columns of their own in a file', async () => {
    const exported = async (format: 'csv' | 'json', columns?: string[]): Promise<string> => {
      const asked = { list: listAccounts.name, format, input: { companyId }, ...(columns && { columns }) };
      const { id: exportId } = await books.execute(startExport, asked);
      for (;;) {
        const { state, error } = await books.ask(readExport, { exportId });
        if (error) throw new Error(JSON.stringify(error));
        if (state === 'done') return (await books.get(exportFile(exportId)).expect(200)).text;
      }
    };
    const chosen = await exported('csv', ['number', 'custom.region', 'custom.budget']);
    expect(chosen.split('\r\n').slice(0, 3)).toEqual(['number,custom.region,custom.budget', '1000,North,1300', '1100,South,900']); // prettier-ignore
    expect((await exported('csv')).split('\r\n')[0]).toContain(
      'custom.region,custom.budget,custom.reviewedOn,custom.internal',
    );
    const rows = JSON.parse(await exported('json')) as object[];
    expect(rows[0]).toMatchObject({ number: '1000', custom: { region: 'North', budget: '1300' } });
  });

  it('are read as they were known, by the definitions of that moment', async () => {
    const before = (await admin.ask(listEvents, { limit: 1 })).items[0]!.trail;
    await books.execute(changeAccount, { companyId, number: '1100', custom: { region: 'North' } });
    await admin.execute(createCustomField, { recordType: 'accounting.account', key: 'later', label: 'Later', kind: 'text' }); // prettier-ignore
    await app.settle();
    const list = `/v1/accounting/companies/${companyId}/accounts`;
    const known = await books.get(`${list}?custom=region%3DSouth&known-at=${before}`).expect(200);
    expect(known.body.items.map(({ number }: { number: string }) => number)).toEqual(['1100', '1200']);
    expect(await numbers({ custom: ['region=South'] })).toEqual(['1200']);
    await books.get(`${list}?custom=later%3Dx&known-at=${before}`).expect(400);
    await books.get(`${list}?custom=later%3Dx`).expect(200);
  });

  it('stay readable when a field is retired, and come back with it', async () => {
    await admin.execute(retireCustomField, { id: fields['region']! });
    await current();
    expect(await read('1100')).toMatchObject({ region: 'North' });
    expect(await numbers({ custom: ['region=North'] })).toEqual(['1000', '1100']);
    const late = { companyId, number: '1100', custom: { region: 'South' } };
    expect(await books.execute(changeAccount, late, { status: 409 })).toMatchObject({ errors: [{ pointer: '/custom/region' }] }); // prettier-ignore
    await books.execute(changeAccount, { companyId, number: '1100', custom: { budget: '950' } });
    expect(await read('1100')).toMatchObject({ region: 'North', budget: '950' });
    await admin.execute(restoreCustomField, { id: fields['region']! });
    await books.execute(changeAccount, late);
    expect(await read('1100')).toMatchObject({ region: 'South' });
  });

  it('are asked of new records once they are required', async () => {
    await admin.execute(changeCustomField, { id: fields['budget']!, required: true }, { version: 1 });
    await current();
    const input = { companyId, number: '1300', name: 'New', class: 'asset' } as const;
    expect(await books.execute(addAccount, input, { status: 409 })).toMatchObject({ errors: [{ pointer: '/custom/budget' }] }); // prettier-ignore
    await books.execute(changeAccount, { companyId, number: '1200', name: 'Older' });
    await books.execute(addAccount, { ...input, custom: { budget: '0' } });
  });

  it('are of one tenant alone', async () => {
    const south = await app.client('Admin', 'south');
    expect((await south.ask(listCustomFields, {})).items).toEqual([]);
    const { id } = await south.execute(createCompany, { name: 'South', currency: 'NOK' });
    const input = { companyId: id, number: '1000', name: 'Cash', class: 'asset', custom: { region: 'North' } } as const;
    expect(await south.execute(addAccount, input, { status: 409 })).toMatchObject({ detail: expect.stringContaining('It has none.') }); // prettier-ignore
    await south.patch(`/v1/customization/custom-fields/${fields['region']}`, { label: 'Mine' }).set('if-match', '"1"').expect(404); // prettier-ignore
  });

  it('are defined by administrators, for the types that take them, and seen by those who see the records', async () => {
    const { items } = await admin.ask(listRecordTypes, {});
    expect(items).toContainEqual({ name: 'accounting.account', title: 'Accounts', personal: false });
    const input = { recordType: 'accounting.account', key: 'mine', label: 'Mine', kind: 'text' } as const;
    await books.execute(createCustomField, input, { status: 403 });
    await books.execute(retireCustomField, { id: fields['region']! }, { status: 403 });
    for (const role of ['Accountant', 'Staff', 'Auditor'] as const)
      expect((await (await app.client(role)).ask(listCustomFields, {})).items.length).toBeGreaterThan(3);
    await (await app.client('Vendor')).get('/v1/customization/custom-fields').expect(403);
    const personal = await admin.execute(createCustomField, { ...input, personal: true }, { status: 409 });
    expect(personal).toMatchObject({ errors: [{ pointer: '/personal' }] });
    const journal = await admin.execute(
      createCustomField,
      { ...input, recordType: 'accounting.journal' },
      { status: 409 },
    );
    expect(journal).toMatchObject({ errors: [{ pointer: '/recordType' }] });
  });
});
