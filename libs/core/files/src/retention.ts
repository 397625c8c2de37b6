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
  /** Entities over the role of the projector, which sees all tenants. */
  readonly em: EntityManager;
  readonly directory: string;
  readonly unusedBefore: Date;
  readonly now: Date;
  /** Which of these files of a tenant are cited. Throws when that cannot be determined: then none is deleted. */
  readonly cited: (tenant: string, sha256s: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Called for a tenant whose files stay for now, with the reason. */
  readonly onSkipped?: (tenant: string, error: unknown) => void;
}

/** Returns how many files, and how many leftovers of crashes, were deleted. */
export async function deleteUnusedFiles(of: FileRetention): Promise<{ files: number; leftovers: number }> {
  return { files: await deleteUncited(of), leftovers: await deleteLeftovers(of) };
}

/**
 * Restarts the retention of every file: read models built from another log than before may not know the citing records, and
 * the operator needs time to put the right log back. Runs as the projector.
 */
export async function restartRetention(em: EntityManager): Promise<void> {
  await em.fork().nativeUpdate(FileEntity, {}, { usedAt: raw('clock_timestamp()') });
}

async function deleteUncited({ em, directory, unusedBefore, cited, onSkipped }: FileRetention): Promise<number> {
  let dropped = 0;
  let [tenant, sha256] = ['00000000-0000-0000-0000-000000000000', ''];
  for (;;) {
    const rows = await em.fork().find(
      FileEntity,
      {
        usedAt: { $lt: unusedBefore.toISOString() },
        $or: [{ tenant: { $gt: tenant } }, { tenant, sha256: { $gt: sha256 } }],
      },
      { fields: ['tenant', 'sha256'], orderBy: { tenant: 'asc', sha256: 'asc' }, limit: batchRows },
    );
    for (const [owner, files] of Map.groupBy(rows, (row) => row.tenant)) {
      try {
        const kept = await cited(owner, files.map((file) => file.sha256)); // prettier-ignore
        for (const file of files.filter((one) => !kept.has(one.sha256))) {
          if (await drop(em, directory, owner, file.sha256, unusedBefore)) dropped += 1;
        }
      } catch (error) {
        onSkipped?.(owner, error);
      }
    }
    if (rows.length < batchRows) return dropped;
    ({ tenant, sha256 } = rows.at(-1)!);
  }
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

async function deleteLeftovers({ em, directory, now }: FileRetention): Promise<number> {
  const before = now.getTime() - leftoverMs;
  let dropped = 0;
  for (const tenant of (await entriesOf(directory)).filter(isId)) {
    const uploads = uploadsIn(directory, tenant);
    for (const path of (await entriesOf(uploads)).map((name) => join(uploads, name))) {
      if (!(await isOlder(path, before))) continue;
      await rm(path, { force: true });
      dropped += 1;
    }
    for (const part of (await entriesOf(join(directory, tenant))).filter((name) => /^[0-9a-f]{2}$/.test(name))) {
      dropped += await deleteContentWithoutRow(em, directory, tenant, join(directory, tenant, part), before);
    }
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
