import { isId, newId, reject, RejectionError } from '@daybook/kernel';
import { inTenant } from '@daybook/postgres';
import { createHash } from 'node:crypto';
import { mkdir, open as openFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Pool, PoolClient } from 'pg';
import { excerpt } from './excerpt.js';
import { type FileInfo, type Files, maxFileBytes } from './port.js';

export interface FilesOptions {
  /** Connections as the process's own role; the tenant is set per transaction. */
  readonly pool: Pool;
  /** `<DAYBOOK_DATA>/files`. */
  readonly directory: string;
  readonly maxBytes?: number;
}

interface FileRow {
  readonly sha256: string;
  readonly name: string;
  readonly size: string;
  readonly stored_at: string;
}

/**
 * Files on the local disk as `<tenant>/<aa>/<sha256>`. A file appears under its hash by one rename, after its bytes are
 * on the disk; its row follows. So what a row names exists, and what was cut off by a crash is a nameless upload.
 */
export function openFiles({ pool, directory, maxBytes = maxFileBytes }: FilesOptions): Files {
  const placeOf = (tenant: string, sha256: string): string => placeIn(directory, tenant, sha256);
  const known = (tenant: string, sha256: string): boolean => isId(tenant) && /^[0-9a-f]{64}$/.test(sha256);

  const info = async (tenant: string, sha256: string): Promise<FileInfo | null> => {
    if (!known(tenant, sha256)) return null;
    return inTenant(pool, tenant, async (client) => {
      const { rows } = await client.query<FileRow>(
        'select sha256, name, size, stored_at from files.file where tenant = $1 and sha256 = $2',
        [tenant, sha256],
      );
      return rows[0] ? infoOf(rows[0]) : null;
    });
  };
  const open = async (tenant: string, sha256: string): Promise<Readable | null> => {
    if (!(await info(tenant, sha256))) return null;
    // A row whose content is gone is about to go itself (retention.ts).
    const file = await openFile(placeOf(tenant, sha256), 'r').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    });
    return file?.createReadStream({ highWaterMark: 256 * 1024 }) ?? null;
  };

  return {
    async store(tenant, name, content, uploader) {
      if (!isId(tenant)) throw new Error(`${tenant} is no tenant.`);
      const uploads = uploadsIn(directory, tenant);
      await mkdir(uploads, { recursive: true });
      const upload = join(uploads, newId());
      try {
        const { sha256, size } = await write(upload, content, maxBytes);
        const place = placeOf(tenant, sha256);
        await mkdir(join(place, '..'), { recursive: true });
        const { rows } = await inTenant(pool, tenant, async (client) => {
          await lockFile(client, tenant, sha256);
          await rename(upload, place);
          // The name is the uploader's own: who else has the content does not learn it.
          await client.query(
            `insert into files.file (tenant, sha256, name, size) values ($1, $2, '', $3)
             on conflict (tenant, sha256) do update set used_at = clock_timestamp()`,
            [tenant, sha256, size],
          );
          return client.query<{ stored_at: string }>(
            `insert into files.upload (tenant, sha256, uploader, name) values ($1, $2, $3, $4)
             on conflict (tenant, sha256, uploader)
               do update set name = excluded.name, stored_at = excluded.stored_at, cited = null
             returning stored_at`,
            [tenant, sha256, uploader, name],
          );
        });
        return { sha256, size, name, storedAt: rows[0]!.stored_at };
      } catch (error) {
        await rm(upload, { force: true });
        throw error;
      }
    },
    async upload(tenant, sha256, uploader) {
      if (!known(tenant, sha256)) return null;
      const { rows } = await inTenant(pool, tenant, (client) =>
        client.query<{ name: string; stored_at: string; cited: string | null }>(
          'select name, stored_at, cited from files.upload where tenant = $1 and sha256 = $2 and uploader = $3',
          [tenant, sha256, uploader],
        ),
      );
      const [found] = rows;
      if (!found) return null;
      return { name: found.name, storedAt: found.stored_at, cited: found.cited === null ? null : BigInt(found.cited) };
    },
    async cite(tenant, sha256, position) {
      await inTenant(pool, tenant, (client) =>
        client.query('update files.upload set cited = $3 where tenant = $1 and sha256 = $2 and cited is null', [
          tenant,
          sha256,
          String(position),
        ]),
      );
    },
    async forget(tenant, uploader) {
      const { rowCount } = await inTenant(pool, tenant, (client) =>
        client.query('delete from files.upload where tenant = $1 and uploader = $2', [tenant, uploader]),
      );
      return rowCount ?? 0;
    },
    info,
    async keep(tenant, sha256) {
      if (!known(tenant, sha256)) return null;
      await inTenant(pool, tenant, (client) =>
        client.query('update files.file set used_at = clock_timestamp() where tenant = $1 and sha256 = $2', [
          tenant,
          sha256,
        ]),
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
/** Uploads lie here until they are whole. */
export const uploadsIn = (directory: string, tenant: string): string => join(directory, tenant, 'uploads');

/** Row and content of one file change together: until the transaction ends nobody else touches either. */
export const lockFile = (client: Pick<PoolClient, 'query'>, tenant: string, sha256: string) =>
  client.query('select pg_advisory_xact_lock(hashtextextended($1, 7204301))', [`${tenant}/${sha256}`]);

async function write(path: string, content: Readable, maxBytes: number): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  const file = await openFile(path, 'wx', 0o600);
  try {
    // Not destroyed when it is refused half-way: with the body of a request its connection would go, and the answer with it.
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

const infoOf = (row: FileRow): FileInfo => ({
  sha256: row.sha256,
  size: Number(row.size),
  name: row.name,
  storedAt: row.stored_at,
});

const tooLarge = (maxBytes: number) =>
  reject('files.too-large', `The file is larger than ${maxBytes} bytes. Give it in parts.`, {
    status: 413,
    details: { maxBytes },
  });
