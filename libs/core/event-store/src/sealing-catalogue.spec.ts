import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { event, type EventMeta, newId, personal, platformTenant } from '@daybook/kernel';
import * as z from 'zod';
import { UnknownEventError } from './catalogue.js';
import { catalogueOf } from './sealing-catalogue.js';
import type { EventToAppend, StoredEvent } from './port.js';
import { metaFor } from './testing/events.js';
import { expectGolden } from './testing/golden.js';
import { memorySealer } from './testing/memory-sealer.js';

const hired = event('people.person-hired', {
  version: 2,
  data: z.object({ personId: z.string(), name: personal(z.string().nullable(), 'personId'), grade: z.string() }),
  record: ({ personId }) => ({ type: 'people.person', id: personId }),
});
const tenant = newId();
const data = { personId: 'p1', name: 'Ada Lovelace', grade: 'G7' };
const stored = (event: EventToAppend): StoredEvent => ({
  ...event,
  stream: `people.person-${tenant}-p1`,
  revision: 3,
  position: 7n,
  recordedAt: '2026-11-20T10:00:00.000Z',
});

describe('the event catalogue', () => {
  const sealer = memorySealer();
  const catalogue = catalogueOf([hired], sealer);
  const toStore = (given = data) => catalogue.toStore(newId(), hired.of(given), metaFor(tenant));

  it('writes the wire type and reads the name with its version', async () => {
    const written = await toStore();
    expect(written.type).toBe('people.person-hired.v2');
    expect(await catalogue.fromStore(stored(written))).toEqual({
      ...stored(written),
      type: hired.name,
      version: 2,
      data,
    });
  });

  it('seals personal fields, gives the same bytes on a retry, and binds them to their subject', async () => {
    const [one, two] = [await toStore(), await toStore()];
    expect(one.data).toEqual({ ...data, name: { sealed: expect.stringMatching(/^[\w-]+$/) } });
    expect(JSON.stringify(one)).not.toContain('Lovelace');
    expect(one.data).toEqual(two.data);
    const stolen = { ...one, data: { ...(one.data as object), personId: 'p2' } };
    await expect(catalogue.fromStore(stored(stolen))).rejects.toThrow();
  });

  it("reads null once the subject's key is destroyed, and stores nothing more about the subject", async () => {
    const written = await toStore({ ...data, personId: 'p9' });
    await sealer.erase(tenant, 'p9');
    expect((await catalogue.fromStore(stored(written)))?.data).toEqual({ ...data, personId: 'p9', name: null });
    await expect(toStore({ ...data, personId: 'p9' })).rejects.toThrow('erased');
  });

  it("stores a person's network address sealed, also when another actor acted for them, and reads null once they are erased", async () => {
    const person = { kind: 'person' as const, id: 'p7' };
    const key = { kind: 'api-key' as const, id: 'k1' };
    const metas = [
      { ...metaFor(tenant), actor: person, address: '192.0.2.7' },
      { ...metaFor(newId()), actor: key, onBehalfOf: person, address: '192.0.2.7' },
    ];
    const write = (meta: EventMeta) => catalogue.toStore(newId(), hired.of(data), meta);
    const written = await Promise.all(metas.map(write));
    expect(JSON.stringify(written)).not.toContain('192.0.2.7');
    const addresses = () =>
      Promise.all(written.map(async (one) => (await catalogue.fromStore(stored(one)))?.meta.address));
    expect(await addresses()).toEqual(['192.0.2.7', '192.0.2.7']);
    await sealer.erase(platformTenant, 'p7');
    expect(await addresses()).toEqual([null, null]);
    expect((await write(metas[0]!)).meta.address).toBeNull();
  });

  it("stores a service account's network address in clear", async () => {
    const meta = { ...metaFor(tenant), actor: { kind: 'api-key' as const, id: 'k1' }, address: '192.0.2.8' };
    const written = await catalogue.toStore(newId(), hired.of(data), meta);
    expect(written.meta.address).toBe('192.0.2.8');
    expect((await catalogue.fromStore(stored(written))).meta.address).toBe('192.0.2.8');
  });

  it('refuses invalid data, undeclared events and duplicate names', async () => {
    await expect(
      catalogue.toStore(newId(), { ...hired.of(data), data: { ...data, grade: 7 } }, metaFor(tenant)),
    ).rejects.toThrow('not what it declares');
    await expect(catalogue.toStore(newId(), { type: 'x.y', data: {} }, metaFor(tenant))).rejects.toThrow(
      'not declared',
    );
    expect(() => catalogueOf([hired, hired], sealer)).toThrow('declared twice');
  });

  it('refuses an unknown event type or version, and names it', async () => {
    const written = await toStore();
    for (const type of [
      'sales.order-placed.v1',
      'people.person-hired.v1',
      'people.person-hired.v3',
      'people.person-hired',
      '',
    ]) {
      const refused = catalogue.fromStore(stored({ ...written, type }));
      await expect(refused).rejects.toBeInstanceOf(UnknownEventError);
      await expect(refused).rejects.toMatchObject({ wireType: type });
    }
  });

  it('stores the effect of an event for programs that do not know its type', async () => {
    const record = () => ({ type: 'people.person', id: 'p1' });
    const of = (more: Partial<Parameters<typeof event>[1]>) => {
      const declared = event('people.something', { data: z.object({ stream: z.string() }), record, ...more });
      const one = catalogueOf([declared], sealer);
      return one.toStore(newId(), { type: declared.name, data: { stream: 's' } }, metaFor(tenant));
    };
    const effects = await Promise.all([
      of({}),
      of({ staged: true }),
      of({ applies: () => ({ stream: 's', count: 1 }) }),
      of({ erases: () => 'p1' }),
    ]);
    expect(effects.map(({ meta }) => meta.effect)).toEqual([
      undefined,
      { staged: true },
      { applies: true },
      { erases: 'p1' },
    ]);
  });
});

describe('golden files', () => {
  let folder: string;
  let ci: string | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'daybook-golden-'));
    ci = process.env['CI'];
    delete process.env['CI'];
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    if (ci === undefined) delete process.env['CI'];
    else process.env['CI'] = ci;
  });
  const file = (version: number) => join(folder, `people.person-hired.v${version}.json`);

  it('are written once and never overwritten', () => {
    expectGolden(hired, [data], folder);
    const before = readFileSync(file(2), 'utf8');
    expectGolden(hired, [data], folder);
    expect(() => expectGolden(hired, [{ ...data, grade: 'G8' }], folder)).toThrow();
    expect(readFileSync(file(2), 'utf8')).toBe(before);
  });

  it('are not written in CI', () => {
    process.env['CI'] = 'true';
    expect(() => expectGolden(hired, [data], folder)).toThrow('is missing: run the specs once and commit it');
  });

  it('exist only for the current version of an event', () => {
    expectGolden(hired, [data], folder);
    for (const version of [1, 3]) {
      writeFileSync(file(version), '[]');
      expect(() => expectGolden(hired, [data], folder)).toThrow(`v${version}.json`);
      rmSync(file(version));
    }
  });
});
