import type { FileInfo, Files } from '@daybook/files';
import { type FieldRule, guardsIn, isRejection, type QueryOperation } from '@daybook/kernel';
import type { ReadContext } from '@daybook/projections';
import { Inject, Injectable } from '@nestjs/common';
import { type Access, type EffectiveGrant, People } from '../dispatch/access.js';
import { Bindings } from '../dispatch/bindings.js';
import type { Call } from '../dispatch/message.js';
import { allRowsOf, companiesOf, partiesOf, rightsHolder } from '../dispatch/rights.js';
import { FILES, READS } from '../nest/tokens.js';
import { ReadableRecords, type RecordKey } from '../record/readable-records.js';
import type { Reads } from '../query/reads.js';
import { type Reach, seenBy } from '../query/visible-rows.js';
import { filePermissions } from '../rest/file-permissions.js';

/** A record that cites a file: its company (null: the whole tenant), and its name for the file. */
export interface Citation {
  readonly companyId: string | null;
  readonly name: string;
  /** The record, where it may be of any type (`readers: 'of the record'`). */
  readonly record?: RecordKey;
}

/** Which records of a context cite files; declared in `Context.citations`. */
export interface FileCitations {
  /** Those who may read these records in full may read the files they cite; or each record by its own page. */
  readonly readers: QueryOperation | 'of the record';
  /** The records that cite the file, at most one per company where one query reads them all. */
  readonly of: (sha256: string, read: ReadContext) => Promise<readonly Citation[]>;
}

/*
 * A file can be read by those who may read a record that cites it, by current rights and by the records as known at the
 * requested moment; and by its uploader until a record cites it. A file that the caller may not read is a 404, like one that
 * does not exist. Grants that hide a field of the record or name a party give no access, since a file cannot be shown in
 * part.
 */
type Reader = Pick<Access, 'tenant' | 'actor' | 'onBehalfOf' | 'grants'>;

/** The owner of an upload: the person for whom delegated access or their own API key acts, else the actor. */
export const uploaderOf = ({ actor, onBehalfOf }: Pick<Access, 'actor' | 'onBehalfOf'>): string =>
  (onBehalfOf ?? actor).id;

@Injectable()
export class ReadableFiles {
  constructor(
    @Inject(Bindings) private readonly bindings: Bindings,
    @Inject(FILES) private readonly files: Files,
    @Inject(READS) private readonly reads: Reads,
    @Inject(People) private readonly people: Pick<People, 'rightsOf'>,
    @Inject(ReadableRecords) private readonly records: Pick<ReadableRecords, 'find'>,
  ) {}

  async find(reader: Reader, sha256: string, knownAt: string | null): Promise<FileInfo | null> {
    if (!/^[0-9a-f]{64}$/.test(sha256)) return null;
    const { tenant } = reader;
    const stored = await this.files.info(tenant, sha256);
    const upload = await this.files.upload(tenant, sha256, uploaderOf(reader));
    const found = await this.reads.read(tenant, knownAt, async (read) => {
      for (const { readers, of } of this.bindings.citations) {
        const cited = await of(
          sha256,
          readers === 'of the record' ? read : { ...read, ...seenBy(reachIn(reader, readers), read) },
        );
        for (const citation of cited) if (await this.mayRead(reader, readers, citation, read)) return citation.name;
      }
      // The read models may not show the citing record yet; until then the upload counts.
      return upload !== null && (upload.cited === null || upload.cited > read.position) ? upload.name : null;
    });
    return stored && found !== null ? { ...stored, name: found, storedAt: upload?.storedAt ?? stored.storedAt } : null;
  }

  private async mayRead(
    reader: Reader,
    readers: FileCitations['readers'],
    { companyId, record }: Citation,
    read: ReadContext,
  ): Promise<boolean> {
    if (readers !== 'of the record') return reaches(reader.grants, readers, companyId);
    if (!record || !readsFiles(reader.grants, companyId)) return false;
    const found = await this.records.find(read, reader, record);
    return found?.isWhole ?? false;
  }

  /**
   * For the caller of an operation. A step or a job may run in another person's name (an approved request): then the rights
   * of that person count, not those of the sender of the request. The system itself may read any file.
   */
  async by({ caller, origin, request }: Pick<Call, 'caller' | 'origin' | 'request'>, sha256: string) {
    const { tenant, actor } = caller;
    if (origin === 'rest' || origin === 'graphql') {
      const access = await request.access();
      return isRejection(access) || access.tenant !== tenant ? null : this.find(access, sha256, null);
    }
    if (actor.kind === 'system') return this.files.info(tenant, sha256);
    const rights = await this.people.rightsOf(tenant, rightsHolder(caller));
    return rights && this.find({ onBehalfOf: null, ...caller, grants: rights.grants }, sha256, null);
  }
}

/** The rows of which they read everything. */
function reachIn(reader: Reader, readers: QueryOperation): Reach {
  const reading = reader.grants.filter((grant) => readsInFull(grant, readers));
  return { ...reader, companies: companiesOf(reading), parties: partiesOf(reading), allRows: allRowsOf(reading) };
}
const readsInFull = ({ party, fields, permissions }: EffectiveGrant, readers: QueryOperation): boolean =>
  readers.permission !== null && permissions.has(readers.permission) && party === null && !hides(readers, fields);

function reaches(grants: readonly EffectiveGrant[], readers: QueryOperation, companyId: string | null): boolean {
  const here = grants.filter((grant) => grant.companyId === null || grant.companyId === companyId);
  return readsFiles(grants, companyId) && here.some((grant) => readsInFull(grant, readers));
}
const readsFiles = (grants: readonly EffectiveGrant[], companyId: string | null): boolean =>
  grants.some((grant) => (grant.companyId === null || grant.companyId === companyId) && grant.permissions.has(filePermissions.read)); // prettier-ignore

const hides = ({ output }: QueryOperation, fields: Readonly<Record<string, FieldRule>>): boolean =>
  guardsIn(output).some(({ name }) => fields[name] !== undefined);
