import { newId, RejectionError } from '@daybook/kernel';
import { createPool, entityManager, isFullDisk } from '@daybook/postgres';
import { testDatabase } from '@daybook/postgres/testing/database';
import { canMount, smallDisk } from '@daybook/postgres/testing/small-disk';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Pool } from 'pg';
import { openFiles } from './disk.js';
import { fileEntities } from './file.entity.js';
import { fileMigrations } from './migrations.js';
import { exportUploader, type Files } from './port.js';

const withDisk = canMount ? it : it.skip; // mounting needs privileges that not every machine grants

describe('files on disk', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let pool: Pool;
  let directory: string;
  let files: Files;
  const tenant = newId();
  const bytes = (content: string) => Readable.from([Buffer.from(content)]);

  beforeAll(async () => {
    database = await testDatabase([...fileMigrations]);
    pool = createPool(database.apiUrl, { max: 2, application: 'files-spec' });
    directory = await mkdtemp(join(tmpdir(), 'daybook-files-'));
    files = openFiles({ em: entityManager(pool, fileEntities), directory, maxBytes: 1000 });
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  });

  it('names a file by the hash of its content and returns it', async () => {
    const content = 'one\ntwo\n';
    const sha256 = createHash('sha256').update(content).digest('hex');
    const stored = await files.store(
      tenant,
      'books.xml',
      Readable.from(['one\n', 'two\n'].map((t) => Buffer.from(t))),
      'ada',
    );
    expect(stored).toMatchObject({ sha256, size: 8, name: 'books.xml' });
    expect(stored.storedAt).toMatch(/Z$/);
    expect(await files.info(tenant, sha256)).toMatchObject({ sha256, size: 8 });
    expect(await files.upload(tenant, sha256, 'ada')).toEqual({
      name: 'books.xml',
      storedAt: stored.storedAt,
      cited: null,
    });
    expect(await text((await files.open(tenant, sha256))!)).toBe(content);
    expect(await readdir(join(directory, tenant, sha256.slice(0, 2)))).toEqual([sha256]);
  });

  it('stores the same content as the same file, without revealing who uploaded it before', async () => {
    const first = await files.store(tenant, 'a.xml', bytes('again'), 'ada');
    const second = await files.store(tenant, 'b.xml', bytes('again'), 'bert');
    expect(second).toMatchObject({ sha256: first.sha256, name: 'b.xml' });
    expect(await readdir(join(directory, tenant, first.sha256.slice(0, 2)))).toEqual([first.sha256]);
    expect(await files.upload(tenant, first.sha256, 'ada')).toMatchObject({ name: 'a.xml' });
    expect(await files.upload(tenant, first.sha256, 'carl')).toBeNull();
    expect(await files.upload(newId(), first.sha256, 'ada')).toBeNull();
  });

  it('marks uploads that a record cites, and erases who uploaded them', async () => {
    const { sha256 } = await files.store(tenant, 'a.xml', bytes('cited'), 'ada');
    await files.cite(tenant, sha256, 7n);
    await files.cite(tenant, sha256, 9n);
    expect(await files.upload(tenant, sha256, 'ada')).toMatchObject({ cited: 7n });
    await files.store(tenant, 'b.xml', bytes('cited'), 'carl');
    expect(await files.upload(tenant, sha256, 'carl')).toMatchObject({ cited: null });
    expect(await files.forget(tenant, 'carl')).toBe(1);
    expect(await files.upload(tenant, sha256, 'carl')).toBeNull();
    expect(await files.info(tenant, sha256)).not.toBeNull();
  });

  it('gives out no export of a tenant after an erasure there', async () => {
    const [elsewhere, exported] = [newId(), `${exportUploader}${newId()}`];
    const { sha256 } = await files.store(tenant, 'members.csv', bytes('who is erased'), exported);
    await files.store(elsewhere, 'members.csv', bytes('who is erased'), exported);
    await files.store(tenant, 'members.csv', bytes('who is erased'), 'ada');
    expect(await files.forget(tenant, 'dora')).toBe(1);
    expect(await files.upload(tenant, sha256, exported)).toBeNull();
    expect(await files.upload(tenant, sha256, 'ada')).not.toBeNull();
    expect(await files.upload(elsewhere, sha256, exported)).not.toBeNull();
  });

  it('separates tenants, even for the same content', async () => {
    const { sha256 } = await files.store(tenant, 'a.xml', bytes('secret'), 'ada');
    const stranger = newId();
    expect(await files.info(stranger, sha256)).toBeNull();
    expect(await files.open(stranger, sha256)).toBeNull();
    expect(await files.lines(stranger, sha256, 1, 1)).toEqual([]);
  });

  it('rejects a file over the limit and leaves nothing behind', async () => {
    const large = files.store(tenant, 'large.xml', Readable.from([Buffer.alloc(600), Buffer.alloc(600)]), 'ada');
    await expect(large).rejects.toBeInstanceOf(RejectionError);
    await expect(large).rejects.toMatchObject({ rejection: { code: 'files.too-large', status: 413 } });
    expect(await readdir(join(directory, tenant, 'uploads'))).toEqual([]);
  });

  withDisk(
    'reports a full disk, leaves nothing behind, still reads, and stores again once there is space',
    async () => {
      const disk = smallDisk(256);
      const small = openFiles({ em: entityManager(pool, fileEntities), directory: disk.path });
      const kept = await small.store(tenant, 'kept.txt', bytes('kept'), 'ada');
      disk.fill(32);
      const large = Readable.from(Array.from({ length: 20 }, () => Buffer.alloc(4_096, 'x')));
      expect(isFullDisk(await small.store(tenant, 'large.txt', large, 'ada').catch((error: unknown) => error))).toBe(
        true,
      );
      expect(large.destroyed).toBe(false);
      expect(await readdir(join(disk.path, tenant, 'uploads'))).toEqual([]);
      expect(await text((await small.open(tenant, kept.sha256))!)).toBe('kept');
      disk.empty();
      expect((await small.store(tenant, 'after.txt', bytes('after'), 'ada')).size).toBe(5);
      disk.remove();
    },
  );

  it('leaves nothing of an interrupted upload', async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('half');
        throw new Error('gone');
      })(),
    );
    await expect(files.store(tenant, 'half.xml', broken, 'ada')).rejects.toThrow('gone');
    expect(await readdir(join(directory, tenant, 'uploads'))).toEqual([]);
  });

  it('reads no path outside its folder for a made-up hash or tenant', async () => {
    expect(await files.open(tenant, '../../../etc/passwd')).toBeNull();
    await expect(files.store('../up', 'x', bytes('x'), 'ada')).rejects.toThrow('is not a tenant id');
  });

  it('returns lines for an excerpt', async () => {
    const { sha256 } = await files.store(tenant, 'lines.xml', bytes('a\nb\nc\n'), 'ada');
    expect(await files.lines(tenant, sha256, 2, 3)).toEqual([
      { number: 2, text: 'b' },
      { number: 3, text: 'c' },
    ]);
  });
});
