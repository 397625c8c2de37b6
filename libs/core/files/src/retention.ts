import { isId } from '@daybook/kernel';
import { inTenantScope } from '@daybook/postgres';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFile, placeIn, uploadsIn } from './disk.js';
import { FileEntity } from './file.entity.js';

/*
 * What ends files: one that no record cites goes when nobody has uploaded it or begun to cite it for the grace. What a crash
 * left on the disk goes after a day: uploads that were never finished, and content whose row was never written or is gone.
 * Each file is dropped under its own lock, which an upload of the same content takes too; no other lock is held.
 */
const batchRows = 500;
/** An upload that nobody has written to for so long is no upload any more. */
const leftoverMs = 24 * 3600 * 1000;

export interface FileRetention {
  /** As the projector, who sees all tenants. */
  readonly em: EntityManager;
  readonly directory: string;
  readonly unusedBefore: Date;
  readonly now: Date;
  /** Which of these files of a tenant records cite. Throws where nobody can tell: then none of them goes. */
  readonly cited: (tenant: string, sha256s: readonly string[]) => Promise<ReadonlySet<string>>;
  /** A tenant whose files stay for now, and why. */
  readonly onSkipped?: (tenant: string, error: unknown) => void;
}

/** Answers how many files, and how many leftovers of crashes, were dropped. */
export async function dropUnusedFiles(of: FileRetention): Promise<{ files: number; leftovers: number }> {
  return { files: await dropUncited(of), leftovers: await dropLeftovers(of) };
}

/**
 * Gives every file its grace anew: read models that are made from another log than before may not know the records that cite
 * them, and whoever finds that out needs the time to put the right log back. As the projector.
 */
export async function keepAllFiles(em: EntityManager): Promise<void> {
  await em.fork().nativeUpdate(FileEntity, {}, { usedAt: raw('clock_timestamp()') });
}

async function dropUncited({ em, directory, unusedBefore, cited, onSkipped }: FileRetention): Promise<number> {
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
 * Unless it was used again meanwhile. The row goes first, and the content before that is committed: a crash in between leaves
 * a row that is still due, and what would read it finds no content and says that there is no such file.
 */
const drop = (em: EntityManager, directory: string, tenant: string, sha256: string, unusedBefore: Date) =>
  inTenantScope(em, tenant, async (em) => {
    await lockFile(em, tenant, sha256);
    const unused = { tenant, sha256, usedAt: { $lt: unusedBefore.toISOString() } };
    const isDropped = (await em.nativeDelete(FileEntity, unused)) === 1;
    if (isDropped) await rm(placeIn(directory, tenant, sha256), { force: true });
    return isDropped;
  });

async function dropLeftovers({ em, directory, now }: FileRetention): Promise<number> {
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
      dropped += await dropNameless(em, directory, tenant, join(directory, tenant, part), before);
    }
  }
  return dropped;
}

/** Content without a row. */
async function dropNameless(em: EntityManager, directory: string, tenant: string, part: string, before: number) {
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

/** Not when it was finished, or dropped, in this moment. */
const isOlder = (path: string, before: number): Promise<boolean> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs < before,
    (error: unknown) => {
      if (missing(error)) return false;
      throw error;
    },
  );
