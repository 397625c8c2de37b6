import type { FileInfo, Files } from '@daybook/files';
import { type FieldRule, guardsIn, isRejection, type QueryOperation } from '@daybook/kernel';
import type { ReadContext } from '@daybook/projections';
import { Inject, Injectable } from '@nestjs/common';
import type { Access, EffectiveGrant } from '../dispatch/access.js';
import { Bindings } from '../dispatch/bindings.js';
import type { OperationRequest } from '../dispatch/request.js';
import { FILES, READS } from '../nest/tokens.js';
import type { Reads } from '../query/reads.js';
import { filePermissions } from '../rest/file-permissions.js';

/** A record that cites a file: where it belongs (null: the whole tenant), and what it calls the file. */
export interface Citation {
  readonly companyId: string | null;
  readonly name: string;
}

/** Which records of a context cite files; declared in `Context.citations`. */
export interface FileCitations {
  /** Whoever may read these records in full may read the files they cite. */
  readonly readers: QueryOperation;
  /** The records that cite the file, one for each company at most. */
  readonly of: (sha256: string, read: ReadContext) => Promise<readonly Citation[]>;
}

/*
 * A file is readable by those who may read a record that cites it, with the rights of now and the records of the moment
 * asked for; and by whoever uploaded it, until a record cites it. A file that may not be read is not told apart from one
 * that is not there. It is refused to grants that hide a field of the record or that name a party: a file is all or
 * nothing.
 */
type Reader = Pick<Access, 'tenant' | 'actor' | 'onBehalfOf' | 'grants'>;

/** For whom a file is kept as uploaded: the person for whom a delegate or their own key acts, else whoever acts. */
export const uploaderOf = ({ actor, onBehalfOf }: Pick<Access, 'actor' | 'onBehalfOf'>): string =>
  (onBehalfOf ?? actor).id;

@Injectable()
export class ReadableFiles {
  constructor(
    @Inject(Bindings) private readonly bindings: Bindings,
    @Inject(FILES) private readonly files: Files,
    @Inject(READS) private readonly reads: Reads,
  ) {}

  async find(reader: Reader, sha256: string, knownAt: string | null): Promise<FileInfo | null> {
    if (!/^[0-9a-f]{64}$/.test(sha256)) return null;
    const { tenant } = reader;
    const stored = await this.files.info(tenant, sha256);
    const upload = await this.files.upload(tenant, sha256, uploaderOf(reader));
    const found = await this.reads.read(tenant, knownAt, async (read) => {
      for (const { readers, of } of this.bindings.citations) {
        const cited = await of(sha256, read);
        const shown = cited.find(({ companyId }) => reaches(reader.grants, readers, companyId));
        if (shown) return shown.name;
      }
      // Its record may not be shown yet: until then it is as it was.
      return upload !== null && (upload.cited === null || upload.cited > read.position) ? upload.name : null;
    });
    return stored && found !== null ? { ...stored, name: found, storedAt: upload?.storedAt ?? stored.storedAt } : null;
  }

  /** For the caller of a request; the program itself may read whatever it works on. */
  async by(
    tenant: string,
    request: Pick<OperationRequest, 'access' | 'internal'>,
    sha256: string,
  ): Promise<FileInfo | null> {
    if (request.internal) return this.files.info(tenant, sha256);
    const access = await request.access();
    return isRejection(access) || access.tenant !== tenant ? null : this.find(access, sha256, null);
  }
}

function reaches(grants: readonly EffectiveGrant[], readers: QueryOperation, companyId: string | null): boolean {
  const here = grants.filter((grant) => grant.companyId === null || grant.companyId === companyId);
  const holds = (permission: string | null) => (grant: EffectiveGrant) =>
    permission !== null && grant.permissions.has(permission);
  return (
    here.some(holds(filePermissions.read)) &&
    here.filter(holds(readers.permission)).some(({ party, fields }) => party === null && !hides(readers, fields))
  );
}

const hides = ({ output }: QueryOperation, fields: Readonly<Record<string, FieldRule>>): boolean =>
  guardsIn(output).some(({ name }) => fields[name] !== undefined);
