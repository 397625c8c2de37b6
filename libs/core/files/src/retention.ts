import { isId } from '@daybook/kernel';
import { inTenantScope } from '@daybook/postgres';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFile, placeIn, uploadsIn } from './disk.js';
import { FileEntity } from './file.entity.js';

/*
 * Deletes files that no record cites once nobody has uploaded or started citing them within the retention. Leftovers of
 * crashes go after a day: unfinished uploads, and content without a row. Each file is deleted under its own lock, which an
 * upload of the same content also takes; no other lock is held.
 */
const batchRows = 500;
/** An upload that was not written to for so long is abandoned. */
const leftoverMs = 24 * 3600 * 1000;

export interface FileRetention {
  /** Entities over the role of the projector. */
  readonly em: EntityManager;
  readonly directory: string;
  readonly tenant: string;
  readonly unusedBefore: Date;
  readonly now: Date;
  /** Which of these files are cited. Throws when that cannot be determined: then none is deleted. */
  readonly cited: (sha256s: readonly string[]) => Promise<ReadonlySet<string>>;
}

/** Deletes unused files of a tenant; returns how many. */
export async function deleteUnusedFiles({
  em,
  directory,
  tenant,
  unusedBefore,
  cited,
}: FileRetention): Promise<number> {
  let dropped = 0;
  let sha256 = '';
  for (;;) {
    const unused = { tenant, sha256: { $gt: sha256 }, usedAt: { $lt: unusedBefore.toISOString() } };
    const options = { fields: ['sha256'], orderBy: { sha256: 'asc' }, limit: batchRows } as const;
    const rows = await em.fork().find(FileEntity, unused, options);
    const kept = await cited(rows.map((row) => row.sha256));
    for (const row of rows.filter((one) => !kept.has(one.sha256))) {
      if (await drop(em, directory, tenant, row.sha256, unusedBefore)) dropped += 1;
    }
    if (rows.length < batchRows) return dropped;
    ({ sha256 } = rows.at(-1)!);
  }
}

/** Tenants that have files, or leftovers of some. Runs as the projector. */
export async function tenantsWithFiles(em: EntityManager, directory: string): Promise<string[]> {
  const rows = await em.fork().execute<{ tenant: string }[]>('select distinct tenant from files.file');
  return [...new Set([...rows.map(({ tenant }) => tenant), ...(await entriesOf(directory)).filter(isId)])];
}

/**
 * Restarts the retention of every file: read models built from another log than before may not know the citing records, and
 * the operator needs time to put the right log back. Runs as the projector.
 */
export async function restartRetention(em: EntityManager): Promise<void> {
  await em.fork().nativeUpdate(FileEntity, {}, { usedAt: raw('clock_timestamp()') });
}

/**
 * Deletes a file unless it was used again meanwhile. The content is deleted before the deletion of the row is committed: a
 * crash in between leaves a row that is still due, and reading it answers that there is no such file.
 */
const drop = (em: EntityManager, directory: string, tenant: string, sha256: string, unusedBefore: Date) =>
  inTenantScope(em, tenant, async (em) => {
    await lockFile(em, tenant, sha256);
    const unused = { tenant, sha256, usedAt: { $lt: unusedBefore.toISOString() } };
    const isDropped = (await em.nativeDelete(FileEntity, unused)) === 1;
    if (isDropped) await rm(placeIn(directory, tenant, sha256), { force: true });
    return isDropped;
  });

/** Deletes what crashes left of a tenant; returns how much. */
export async function deleteLeftovers({
  em,
  directory,
  tenant,
  now,
}: Pick<FileRetention, 'em' | 'directory' | 'tenant' | 'now'>): Promise<number> {
  const before = now.getTime() - leftoverMs;
  let dropped = 0;
  const uploads = uploadsIn(directory, tenant);
  for (const path of (await entriesOf(uploads)).map((name) => join(uploads, name))) {
    if (!(await isOlder(path, before))) continue;
    await rm(path, { force: true });
    dropped += 1;
  }
  for (const part of (await entriesOf(join(directory, tenant))).filter((name) => /^[0-9a-f]{2}$/.test(name))) {
    dropped += await deleteContentWithoutRow(em, directory, tenant, join(directory, tenant, part), before);
  }
  return dropped;
}

/** Deletes content without a row. */
async function deleteContentWithoutRow(
  em: EntityManager,
  directory: string,
  tenant: string,
  part: string,
  before: number,
) {
  const names = (await entriesOf(part)).filter((name) => /^[0-9a-f]{64}$/.test(name));
  if (names.length === 0) return 0;
  const rows = await em.fork().find(FileEntity, { tenant, sha256: names }, { fields: ['sha256'] });
  const named = new Set(rows.map((row) => row.sha256));
  let dropped = 0;
  for (const sha256 of names.filter((name) => !named.has(name))) {
    await inTenantScope(em, tenant, async (em) => {
      await lockFile(em, tenant, sha256);
      const isNamed = (await em.count(FileEntity, { tenant, sha256 })) > 0;
      const place = placeIn(directory, tenant, sha256);
      if (isNamed || !(await isOlder(place, before))) return;
      await rm(place, { force: true });
      dropped += 1;
    });
  }
  return dropped;
}

const missing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

const entriesOf = (directory: string): Promise<string[]> =>
  readdir(directory).catch((error: unknown) => {
    if (missing(error)) return [];
    throw error;
  });

/** False when it was finished or deleted just now. */
const isOlder = (path: string, before: number): Promise<boolean> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs < before,
    (error: unknown) => {
      if (missing(error)) return false;
      throw error;
    },
  );
