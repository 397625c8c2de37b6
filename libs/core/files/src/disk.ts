import { isId, newId, reject, RejectionError } from '@daybook/kernel';
import { inTenantScope } from '@daybook/postgres';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import { createHash } from 'node:crypto';
import { mkdir, open as openFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { excerpt } from './excerpt.js';
import { FileEntity, UploadEntity } from './file.entity.js';
import { exportUploader, type FileInfo, type Files, maxFileBytes } from './port.js';

export interface FilesOptions {
  /** Entities over the process's own role; the tenant is set per transaction. */
  readonly em: EntityManager;
  /** `<DAYBOOK_DATA>/files`. */
  readonly directory: string;
  readonly maxBytes?: number;
}

/**
 * Files on the local disk as `<tenant>/<aa>/<sha256>`. A file is renamed to its hash once its bytes are on disk, and its row is
 * written afterwards. So every row has its content, and a crash leaves only an unfinished upload.
 */
export function openFiles({ em, directory, maxBytes = maxFileBytes }: FilesOptions): Files {
  const placeOf = (tenant: string, sha256: string): string => placeIn(directory, tenant, sha256);
  const known = (tenant: string, sha256: string): boolean => isId(tenant) && /^[0-9a-f]{64}$/.test(sha256);

  const info = async (tenant: string, sha256: string): Promise<FileInfo | null> => {
    if (!known(tenant, sha256)) return null;
    return inTenantScope(em, tenant, async (em) => {
      const file = await em.findOne(FileEntity, { tenant, sha256 });
      return file && { sha256, size: file.size, name: file.name, storedAt: file.storedAt };
    });
  };
  const open = async (tenant: string, sha256: string): Promise<Readable | null> => {
    if (!(await info(tenant, sha256))) return null;
    // The content is deleted before the row (retention.ts).
    const file = await openFile(placeOf(tenant, sha256), 'r').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    });
    return file?.createReadStream({ highWaterMark: 256 * 1024 }) ?? null;
  };

  return {
    async store(tenant, name, content, uploader) {
      if (!isId(tenant)) throw new Error(`${tenant} is not a tenant id.`);
      const uploads = uploadsIn(directory, tenant);
      await mkdir(uploads, { recursive: true });
      const upload = join(uploads, newId());
      try {
        const { sha256, size } = await write(upload, content, maxBytes);
        const place = placeOf(tenant, sha256);
        await mkdir(join(place, '..'), { recursive: true });
        const storedAt = await inTenantScope(em, tenant, async (em) => {
          await lockFile(em, tenant, sha256);
          await rename(upload, place);
          // The name belongs to the upload: others with the same content do not see it.
          await em
            .createQueryBuilder(FileEntity)
            .insert({ tenant, sha256, name: '', size })
            .onConflict(['tenant', 'sha256'])
            .merge({ usedAt: raw('clock_timestamp()') })
            .execute('run');
          const [stored] = await em
            .createQueryBuilder(UploadEntity)
            .insert({ tenant, sha256, uploader, name, storedAt: raw('clock_timestamp()'), cited: null })
            .onConflict(['tenant', 'sha256', 'uploader'])
            .merge(['name', 'storedAt', 'cited'])
            .returning('storedAt')
            .execute<{ storedAt: string }[]>('all');
          return stored!.storedAt;
        });
        return { sha256, size, name, storedAt };
      } catch (error) {
        await rm(upload, { force: true });
        throw error;
      }
    },
    async upload(tenant, sha256, uploader) {
      if (!known(tenant, sha256)) return null;
      return inTenantScope(em, tenant, async (em) => {
        const found = await em.findOne(UploadEntity, { tenant, sha256, uploader });
        return found && { name: found.name, storedAt: found.storedAt, cited: found.cited ?? null };
      });
    },
    async cite(tenant, sha256, position) {
      await inTenantScope(em, tenant, (em) =>
        em.nativeUpdate(UploadEntity, { tenant, sha256, cited: null }, { cited: position }),
      );
    },
    forget: (tenant, uploader) =>
      inTenantScope(em, tenant, (em) =>
        em.nativeDelete(UploadEntity, { tenant, $or: [{ uploader }, { uploader: { $like: `${exportUploader}%` } }] }),
      ),
    info,
    async keep(tenant, sha256) {
      if (!known(tenant, sha256)) return null;
      await inTenantScope(em, tenant, (em) =>
        em.nativeUpdate(FileEntity, { tenant, sha256 }, { usedAt: raw('clock_timestamp()') }),
      );
      return info(tenant, sha256);
    },
    open,
    async lines(tenant, sha256, from, to) {
      const content = await open(tenant, sha256);
      return content ? excerpt(content, from, to) : [];
    },
  };
}

export const placeIn = (directory: string, tenant: string, sha256: string): string =>
  join(directory, tenant, sha256.slice(0, 2), sha256);
/** Folder of unfinished uploads. */
export const uploadsIn = (directory: string, tenant: string): string => join(directory, tenant, 'uploads');

/** Locks one file until the end of the transaction, so that row and content change together. */
export const lockFile = (em: EntityManager, tenant: string, sha256: string): Promise<unknown> =>
  em.execute('select pg_advisory_xact_lock(hashtextextended(?, 7204301))', [`${tenant}/${sha256}`]);

async function write(path: string, content: Readable, maxBytes: number): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  const file = await openFile(path, 'wx', 0o600);
  try {
    // Not destroyed when it is rejected half-way: destroying the body of a request closes its connection, and with it the response.
    for await (const chunk of content.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer | string>) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      size += bytes.length;
      if (size > maxBytes) throw new RejectionError(tooLarge(maxBytes));
      hash.update(bytes);
      await file.writeFile(bytes);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { sha256: hash.digest('hex'), size };
}

const tooLarge = (maxBytes: number) =>
  reject('files.too-large', `The file is larger than ${maxBytes} bytes. Split it.`, {
    status: 413,
    details: { maxBytes },
  });
