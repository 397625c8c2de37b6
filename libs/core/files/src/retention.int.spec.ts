import { newId } from '@daybook/kernel';
import { createPool, entityManager, inTenant } from '@daybook/postgres';
import { testDatabase } from '@daybook/postgres/testing/database';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Pool } from 'pg';
import { openFiles, placeIn, uploadsIn } from './disk.js';
import { fileEntities } from './file.entity.js';
import { fileMigrations } from './migrations.js';
import type { Files } from './port.js';
import {
  deleteLeftovers,
  deleteUnusedFiles,
  type FileRetention,
  restartRetention,
  tenantsWithFiles,
} from './retention.js';

describe('unused files', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let api: Pool;
  let projector: Pool;
  let directory: string;
  let files: Files;
  beforeAll(async () => {
    database = await testDatabase([...fileMigrations]);
    api = createPool(database.apiUrl, { max: 3, application: 'files-spec' });
    projector = createPool(database.projectorUrl, { max: 3, application: 'files-spec' });
    directory = await mkdtemp(join(tmpdir(), 'daybook-files-'));
    files = openFiles({ em: entityManager(api, fileEntities), directory });
  });
  afterAll(async () => {
    await api.end();
    await projector.end();
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  });
  const store = (tenant: string, content: string) =>
    files.store(tenant, 'a.xml', Readable.from([Buffer.from(content)]), 'ada');
  const age = (tenant: string, sha256: string) =>
    inTenant(api, tenant, (client) =>
      client.query(`update files.file set used_at = '2020-01-01T00:00:00Z' where sha256 = $1`, [sha256]),
    );
  const now = new Date();
  const drop = async (tenant: string, more: Partial<FileRetention> = {}) => {
    const of = { em: entityManager(projector, fileEntities), directory, tenant, now };
    const unusedBefore = new Date(now.getTime() - 24 * 3600 * 1000);
    const dropped = await deleteUnusedFiles({ ...of, unusedBefore, cited: async () => new Set(), ...more });
    return { files: dropped, leftovers: await deleteLeftovers(of) };
  };
  const onDisk = async (tenant: string, sha256: string) =>
    (await readdir(join(placeIn(directory, tenant, sha256), '..')).catch((): string[] => [])).includes(sha256);

  it('stay when the read models were built from another log, which may not know the citing records', async () => {
    const tenant = newId();
    const { sha256 } = await store(tenant, 'cited in the log that was');
    await age(tenant, sha256);
    await restartRetention(entityManager(projector, fileEntities));
    const dropped = await drop(tenant, { unusedBefore: new Date(Date.now() - 30 * 24 * 3600 * 1000) });
    expect(dropped.files).toBe(0);
    expect(await files.info(tenant, sha256)).not.toBeNull();
  });

  it('are deleted with their content after the retention; cited, new and re-uploaded files stay', async () => {
    const [tenant, other] = [newId(), newId()];
    const [unused, cited, fresh, again] = await Promise.all(['unused', 'cited', 'fresh', 'again'].map((one) => store(tenant, one))); // prettier-ignore
    const theirs = await store(other, 'unused');
    for (const { sha256 } of [unused!, cited!, again!]) await age(tenant, sha256);
    await store(tenant, 'again');
    expect(await drop(tenant, { cited: async () => new Set([cited!.sha256]) })).toEqual({ files: 1, leftovers: 0 });
    await files.keep(tenant, cited!.sha256);
    expect(await files.info(tenant, unused!.sha256)).toBeNull();
    expect(await onDisk(tenant, unused!.sha256)).toBe(false);
    for (const [of, { sha256 }] of [
      [tenant, cited!],
      [tenant, fresh!],
      [tenant, again!],
      [other, theirs],
    ] as const) {
      // prettier-ignore
      expect(await text((await files.open(of, sha256))!)).toMatch(/cited|fresh|again|unused/);
    }
  });

  it('stay when a record starts citing them', async () => {
    const tenant = newId();
    const { sha256 } = await store(tenant, 'kept');
    await age(tenant, sha256);
    expect(await files.keep(tenant, sha256)).toMatchObject({ sha256, size: 4 });
    expect(await files.keep(newId(), sha256)).toBeNull();
    expect(await drop(tenant)).toEqual({ files: 0, leftovers: 0 });
  });

  it('stay in tenants whose citations cannot be determined, while those of others are deleted', async () => {
    const [one, other] = [newId(), newId()];
    const kept = await store(one, 'a');
    const gone = await store(other, 'a');
    for (const tenant of [one, other]) await age(tenant, kept.sha256);
    const parked = async () => {
      throw new Error('parked');
    };
    await expect(drop(one, { cited: parked })).rejects.toThrow('parked');
    expect(await drop(other)).toMatchObject({ files: 1 });
    expect(await files.info(one, kept.sha256)).not.toBeNull();
    expect(await files.info(other, gone.sha256)).toBeNull();
    await files.keep(one, kept.sha256);
  });

  it('include unfinished uploads and content without a row, after a day', async () => {
    const tenant = newId();
    const { sha256 } = await store(tenant, 'whole');
    const nameless = 'ab'.repeat(32);
    const paths = [
      join(uploadsIn(directory, tenant), newId()),
      join(uploadsIn(directory, tenant), newId()),
      placeIn(directory, tenant, nameless),
    ];
    await mkdir(join(paths[2]!, '..'), { recursive: true });
    for (const path of paths) await writeFile(path, 'x');
    const old = new Date(now.getTime() - 25 * 3600 * 1000);
    for (const path of [paths[0]!, paths[2]!, placeIn(directory, tenant, sha256)]) await utimes(path, old, old);
    expect(await drop(tenant)).toEqual({ files: 0, leftovers: 2 });
    expect(await tenantsWithFiles(entityManager(projector, fileEntities), directory)).toContain(tenant);
    expect(await readdir(uploadsIn(directory, tenant))).toEqual([paths[1]!.split('/').at(-1)]);
    expect([await onDisk(tenant, nameless), await onDisk(tenant, sha256)]).toEqual([false, true]);
  });

  it('are complete or gone when they are uploaded again during deletion', async () => {
    const tenant = newId();
    for (let round = 0; round < 20; round++) {
      const { sha256 } = await store(tenant, `round ${round}`);
      await age(tenant, sha256);
      await Promise.all([drop(tenant), store(tenant, `round ${round}`)]);
      const [row, content] = [await files.info(tenant, sha256), await onDisk(tenant, sha256)];
      // In either order: it was uploaded, so it exists.
      expect([row !== null, content]).toEqual([true, true]);
    }
  });

  it('are not found when a crash left the row without its content', async () => {
    const tenant = newId();
    const { sha256 } = await store(tenant, 'half');
    await rm(placeIn(directory, tenant, sha256));
    expect(await files.open(tenant, sha256)).toBeNull();
    await store(tenant, 'half');
    expect(await text((await files.open(tenant, sha256))!)).toBe('half');
  });
});
