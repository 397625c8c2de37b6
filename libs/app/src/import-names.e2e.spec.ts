import { setTimeout as sleep } from 'node:timers/promises';
import { createCompany } from '@daybook/accounting';
import { attachFile } from '@daybook/collaboration';
import { createCustomField } from '@daybook/customization';
import { defineRole, giveGrant, listMembers } from '@daybook/identity';
import { act, aggregate, change, changed, create, created, eventOf, face, field, listOf, newId, readOf, record } from '@daybook/kernel'; // prettier-ignore
import { answers, projectionOf, recordTable } from '@daybook/projections';
import { contextOf } from '@daybook/server';
import {
  inspectFile,
  listImportRows,
  readImport,
  refusedFile,
  revertImport,
  runImport,
  startBulk,
  startImport,
} from '@daybook/server/import/import.operations';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';

/* Firms that their owner sees, and visits that name a firm and a host. */
const firm = record('sales.firm', {
  one: 'firm', many: 'firms', icon: 'flag', calledBy: 'name', seenBy: ['owner'],
  fields: {
    name: field.text('Name'),
    code: field.code('Code', { optional: true, unique: 'tenant' }),
    owner: field.person('Owner', { default: 'caller' }),
    size: field.choice('Size', { s: 'Small', l: 'Large' }, { optional: true }),
    worth: field.quantity('Worth', { optional: true }),
    active: field.yesNo('Active', { default: true }),
    status: field.status('Status', { open: null, closed: {} }),
    custom: field.custom(),
  },
}); // prettier-ignore
const visit = record('sales.visit', {
  one: 'visit', many: 'visits', icon: 'flag', calledBy: 'about',
  fields: {
    about: field.text('About'),
    firm: field.reference('Firm', 'sales.firm', { optional: true }),
    host: field.person('Host', { optional: true }),
  },
}); // prettier-ignore
const [closed, opened] = [eventOf(firm, 'closed', { sets: { status: 'closed' } }), eventOf(firm, 'opened', { sets: { status: 'open' } })]; // prettier-ignore
const firmEvents = [created(firm), changed(firm), closed, opened] as const;
const [createFirm, changeFirm] = [create(firm, { undo: 'close' }), change(firm)];
const closeFirm = act(firm, 'close', { says: 'closed', undo: 'open' });
const openFirm = act(firm, 'open', { says: 'opened', undo: 'close' });
const listFirms = listOf(firm, { text: ['name'], filters: ['status'], sorts: ['name'] });
const readFirm = readOf(firm);
const firms = recordTable(firm, [listFirms]);
const visitEvents = [created(visit)] as const;
const createVisit = create(visit);
const listVisits = listOf(visit, { sorts: ['about'] });
const visits = recordTable(visit, [listVisits]);
const sales = contextOf(
  face('sales', { title: 'Sales', icon: 'flag', records: [firm, visit], roles: { Admin: ['sales.*'] } }),
  [
    aggregate(firm, {
      commands: [createFirm, changeFirm, closeFirm, openFirm],
      events: firmEvents,
      rules: { create: firmEvents[0].of, change: firmEvents[1].of, close: closed.of, open: opened.of },
    }),
    aggregate(visit, { commands: [createVisit], events: visitEvents, rules: { create: visitEvents[0].of } }),
    projectionOf(firms, firmEvents),
    projectionOf(visits, visitEvents),
    answers(listFirms, firms),
    answers(readFirm, firms),
    answers(listVisits, visits),
  ],
);

describe('rows that name records, and who may see them', () => {
  let app: TestApp;
  let admin: TestClient;
  let kari: TestClient;
  let ola: TestClient;
  const people = new Map<string, { personId: string; name: string; email: string }>();

  beforeAll(async () => {
    app = await startApp({ contexts: [sales] });
    admin = await app.client('Admin');
    const { items } = await admin.ask(listMembers, {});
    const { id: role } = await admin.execute(defineRole, {
      name: 'Seller',
      permissions: ['sales.firm.create', 'sales.firm.change', 'sales.firm.close', 'sales.firm.open', 'sales.firm.read', 'sales.visit.create', 'sales.visit.read', 'files.file.upload'], // prettier-ignore
    });
    for (const one of ['Staff', 'Vendor'] as const) {
      const { personId, name } = items.find(({ email }) => email === app.account(one).email)!;
      people.set(one, { personId, name: name!, email: app.account(one).email });
      await admin.execute(giveGrant, { holderId: personId, role });
    }
    kari = await app.client('Staff');
    ola = await app.client('Vendor');
    const custom = { recordType: 'sales.firm', required: false, personal: false };
    await admin.execute(createCustomField, { ...custom, key: 'region', label: 'Sales region', kind: 'choice', choices: ['North', 'South'], position: 0 }); // prettier-ignore
    await admin.execute(createCustomField, { ...custom, key: 'budget', label: 'Budget', kind: 'number', position: 1 });
  });
  afterAll(() => app.close());

  async function settled(client: TestClient, importId: string) {
    for (let round = 0; round < 2_000; round++) {
      const read = await client.ask(readImport, { importId });
      if (!['waiting', 'running'].includes(read.state)) return read;
      await sleep(50);
    }
    throw new Error(`The import ${importId} does not end:\n${app.log.slice(-5).join('')}`);
  }
  /** Each column fills the field that is suggested for it. */
  async function rehearsed(client: TestClient, operation: string, file: Buffer | string, match: string | null = null) {
    const { sha256 } = await client.upload('rows.csv', file);
    const { columns, fields } = await client.ask(inspectFile, { file: sha256, operation });
    const filling = fields.flatMap(({ name, column }) => (column === null ? [] : [{ field: name, name: columns[column - 1]!.name }])); // prettier-ignore
    const wanted = { operation, file: sha256, name: 'rows.csv', mapping: { fields: filling, match } };
    const { id: importId } = await client.execute(startImport, wanted);
    return { importId, filling: filling.map(({ field: name }) => name), ...(await settled(client, importId)) };
  }
  async function run(client: TestClient, importId: string) {
    await client.execute(runImport, { importId });
    return settled(client, importId);
  }
  const errors = async (client: TestClient, importId: string) =>
    (await client.ask(listImportRows, { importId })).items.map((row) => row.errors[0]?.message);
  const firmsOf = async (client: TestClient) => (await client.ask(listFirms, { limit: 200 })).items;

  it('understands labels of choices and of custom fields, and a person by name or address', async () => {
    const { name, email, personId } = people.get('Staff')!;
    const file = Buffer.from(
      `Name;Size;Worth;Active;Sales region;Budget;Owner\nAlfa;Large;1 250,50;Ja;south;12,5;${name}\nBeta;s;2,00;NEI;;;${email.toUpperCase()}\nGamma;huge;1,00;ja;West;;Nobody Known\n`,
      'latin1',
    );
    const { importId, filling, ...read } = await rehearsed(admin, createFirm.name, file);
    expect(filling.sort()).toEqual(['active', 'custom.budget', 'custom.region', 'name', 'owner', 'size', 'worth']);
    expect(read).toMatchObject({ state: 'done', counts: { ready: 2, refused: 1 } });
    const { items } = await admin.ask(listImportRows, { importId, state: ['refused'] });
    expect(items[0]!.errors.map(({ pointer, message }) => [pointer, message])).toEqual([
      ['/owner', 'There is no person “Nobody Known” that you may see.'],
      ['/size', '“huge” is none of: Small, Large.'],
      ['/custom/region', 'Sales region: “West” is none of: North, South.'],
    ]);
    expect(await run(admin, importId)).toMatchObject({ counts: { done: 2 } });
    const [alfa, beta] = await firmsOf(kari);
    expect(alfa).toMatchObject({ name: 'Alfa', size: 'l', worth: '1250.5', active: true, owner: personId, custom: { region: 'South', budget: '12.5' } }); // prettier-ignore
    expect(beta).toMatchObject({ name: 'Beta', size: 's', active: false, owner: personId, custom: null });
  });

  it('changes single custom fields, and gives them back what they were', async () => {
    await kari.execute(createFirm, { name: 'Delta', code: 'D-1', custom: { region: 'North', budget: '1' } });
    const file = 'Code,Sales region,Budget\nD-1,South,1.0\n';
    const { importId, ...read } = await rehearsed(kari, changeFirm.name, file, 'code');
    expect(read).toMatchObject({ counts: { ready: 1 } });
    await run(kari, importId);
    const delta = async () => (await firmsOf(kari)).find(({ code }) => code === 'D-1')!.custom;
    expect(await delta()).toEqual({ region: 'South', budget: '1' });
    await kari.execute(revertImport, { importId });
    expect(await settled(kari, importId)).toMatchObject({ counts: { reverted: 1 } });
    expect(await delta()).toEqual({ region: 'North', budget: '1' });
  });

  it('finds a record by code before name, refuses a name that several have, and says which', async () => {
    await kari.execute(createFirm, { name: 'Twin', code: 'T-1' });
    await kari.execute(createFirm, { name: 'Twin', code: 'T-2' });
    const { id: named } = await kari.execute(createFirm, { name: 'Solo', code: 'S-1' });
    const { id: coded } = await kari.execute(createFirm, { name: 'Other', code: 'Solo' });
    const file = 'About,Firm\nFirst,twin\nSecond,T-2\nThird,solo\nFourth,s-1\n';
    const { importId, ...read } = await rehearsed(kari, createVisit.name, file);
    expect(read).toMatchObject({ counts: { ready: 3, refused: 1 } });
    expect((await errors(kari, importId))[0]).toBe('“twin” is the name of several: Twin, T-1, Twin, T-2. Use what tells them apart.'); // prettier-ignore
    await run(kari, importId);
    const by = new Map((await kari.ask(listVisits, {})).items.map((one) => [one.about, one.firm]));
    expect([by.get('Third'), by.get('Fourth')]).toEqual([coded, named]);
  });

  it('foresees that a value is taken, or twice in the file, however it is written', async () => {
    const first = { name: 'First AS', currency: 'NOK', registrationNumber: '111222333' };
    await admin.execute(createCompany, first);
    const file = 'Name,Currency,Registration number\nA,NOK,111 222 333\nB,NOK,444555666\nC,NOK,444 555 666\n';
    const { importId, ...read } = await rehearsed(admin, createCompany.name, file);
    expect(read).toMatchObject({ counts: { ready: 1, refused: 2 } });
    const [taken, , twice] = await errors(admin, importId);
    expect(taken).toContain('The registration number 111 222 333 belongs to First AS.');
    expect(twice).toBe('Line 3 has the same value already.');
    expect(await run(admin, importId)).toMatchObject({ counts: { done: 1, refused: 2 } });
  });

  it('says which rows are not checked before the run, since only their command knows its answer', async () => {
    const { sha256 } = await admin.upload('note.txt', 'A note\n');
    const { id: firmId } = await admin.execute(createFirm, { name: 'Noted' });
    const items = [firmId, newId()].map((id) => ({ input: { recordType: firm.name, recordId: id, sha256 } }));
    const { id: importId } = await admin.execute(startBulk, { operation: attachFile.name, items });
    expect(await settled(admin, importId)).toMatchObject({ changed: 2, counts: { unchecked: 2, ready: 0 } });
    expect(await run(admin, importId)).toMatchObject({ counts: { done: 1, refused: 1, unchecked: 0 } });
  });

  it('neither touches nor tells of rows of others', async () => {
    const { id: hidden } = await kari.execute(createFirm, { name: 'Hidden Harbour', code: 'H-7' });
    const { id: own } = await ola.execute(createFirm, { name: 'Own Office', code: 'O-1' });
    const before = await kari.ask(readFirm, { id: hidden });
    // By name, by code and by id, as one that there is not.
    const naming = await rehearsed(ola, createVisit.name, `About,Firm\nA,Hidden Harbour\nB,H-7\nC,${hidden}\nD,Nowhere\nE,Own Office\n`); // prettier-ignore
    expect(naming).toMatchObject({ counts: { ready: 1, refused: 4 } });
    expect(await errors(ola, naming.importId)).toEqual([
      ...['Hidden Harbour', 'H-7', hidden, 'Nowhere'].map((cell) => `There is no record “${cell}” that you may see.`),
      undefined,
    ]);
    // Matched by what they may not see: nothing is found, and nothing is changed.
    for (const [key, match] of [
      ['H-7', 'code'],
      [hidden, 'id'],
    ] as const) {
      // prettier-ignore
      const { importId, ...read } = await rehearsed(ola, changeFirm.name, `${match},Name\n${key},Taken\n`, match);
      expect(read).toMatchObject({ counts: { ready: 0, refused: 1 } });
      expect(await errors(ola, importId)).toEqual(['No record that you may see has this value.']);
    }
    // A value that is taken says so and no more, and a row that was refused is in nobody else's file.
    const taken = await rehearsed(ola, createFirm.name, 'Name,Code\nNew,H-7\n');
    expect(taken).toMatchObject({ counts: { ready: 0, refused: 1 } });
    const said = await run(ola, taken.importId);
    expect(said).toMatchObject({ counts: { done: 0, refused: 1 } });
    const { text: refused } = await ola.get(refusedFile(taken.importId)).expect(200);
    expect(refused).not.toMatch(/Hidden|Harbour/);
    await kari.get(refusedFile(taken.importId)).expect(404);
    // Bulk: all that the list answers, and records that are named outright.
    const { id: all } = await ola.execute(startBulk, { operation: changeFirm.name, forAll: { size: 'l' } });
    expect(await settled(ola, all)).toMatchObject({ counts: { ready: 1 } });
    expect(await run(ola, all)).toMatchObject({ counts: { done: 1 } });
    const items = [{ input: { id: hidden } }, { input: { id: newId() } }, { input: { id: own } }];
    const { id: outright } = await ola.execute(startBulk, { operation: closeFirm.name, items });
    expect(await settled(ola, outright)).toMatchObject({ counts: { ready: 1, refused: 2 } });
    const [first, second] = await errors(ola, outright);
    expect([first, second]).toEqual(Array(2).fill('There is no such record that you may see.'));
    expect(await run(ola, outright)).toMatchObject({ counts: { done: 1 } });
    expect(await kari.ask(readFirm, { id: hidden })).toEqual(before);
  });

  it('leaves what its person does not see any more when it runs or is reverted', async () => {
    const { id } = await ola.execute(createFirm, { name: 'Passed on', code: 'P-1' });
    const change = await rehearsed(ola, changeFirm.name, 'Code,Name\nP-1,Mine\n', 'code');
    const revert = await rehearsed(ola, createFirm.name, 'Name,Code\nFresh,F-1\n');
    await run(ola, revert.importId);
    const fresh = (await firmsOf(ola)).find(({ code }) => code === 'F-1')!;
    const { personId } = people.get('Staff')!;
    for (const one of [id, fresh.id]) await ola.execute(changeFirm, { id: one, owner: personId }, { version: 1 });
    expect(await run(ola, change.importId)).toMatchObject({ counts: { done: 0, refused: 1 } });
    expect(await errors(ola, change.importId)).toEqual(['There is no such firm.']);
    await ola.execute(revertImport, { importId: revert.importId });
    expect(await settled(ola, revert.importId)).toMatchObject({ counts: { reverted: 0, kept: 1 } });
    expect(await errors(ola, revert.importId)).toEqual(['There is no such firm.']);
    expect(await kari.ask(readFirm, { id: fresh.id })).toMatchObject({ name: 'Fresh', status: 'open' });
  });
});
