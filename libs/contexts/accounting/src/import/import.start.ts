import { type InputOf, isEventOf, isRejection, nameId, reject, type Rejection, RejectionError } from '@daybook/kernel';
import { type Caller, decide, type OperationContext, perform, type PerformContext } from '@daybook/server';
import { findingOf } from '../saft/finding.js';
import { companies } from '../company/company.projection.js';
import { LedgerCompanies } from '../company/ledger-companies.js';
import { importStream, ledgerStream } from '../ledger/ledger.decision-facts.js';
import { headers } from './header-reader.js';
import { plainNumber } from './import.check.js';
import { importDecider } from './import.decider.js';
import { importEvents, importStarted } from './import.events.js';
import { importJob, importJobId } from './import.job.js';
import { cancelImport, startImport } from './import.operations.js';
import { beginImport, importInternalCommands, refuseImport } from './import.internal.js';
import type { ImportStart } from './import.check.js';

/** Binds the internal commands; `begin` reads the current revision of the ledger. */
export const importInternalBinding = decide({
  operations: importInternalCommands,
  decider: importDecider,
  events: importEvents,
  stream: (input, caller) => importStream(caller.tenant, input.importId),
  facts: {
    ledgerRevision: {
      binding: async ({ input, caller, events }) => {
        const last = { backwards: true, limit: 1 };
        for await (const { revision } of events.stream(ledgerStream(caller.tenant, input.companyId), last))
          return revision;
        return -1;
      },
    },
  },
});

/**
 * Starts the dry run of a file: the stream of the import, then its job. Their ids derive from the import's, which derives
 * from the Idempotency-Key, so a repeat after a crash in between completes the start. Without a key, a crash may leave an
 * import without a job; it shows as being read and can be cancelled.
 */
export const startImportBinding = perform(startImport, async (input, context) => {
  const { caller, events, jobs } = context;
  const importId = context.newId;
  const before = await begun(context, importId);
  // Refused before anything is recorded, so that a repeat with the same key can start it later.
  const refused = before ? null : await jobs.refusal(caller.tenant, caller.actor);
  if (refused) throw refused;
  const start = before ?? (await beginning(input, importId, context));
  if (isRejection(start)) return start;
  const { companyId, askedCompanyId, file } = start;
  const answer = await context.execute(beginImport, { importId, companyId, askedCompanyId, file });
  if (isRejection(answer)) return answer;
  await context.files.cite(caller.tenant, file.sha256, BigInt(answer.position));
  const envelope = { tenant: caller.tenant, actor: caller.actor, correlationId: caller.correlationId };
  await jobs.start(importJob, { importId }, envelope, importJobId(importId)).catch(async (error: unknown) => {
    // Others took the last places in the meantime, so the import is refused.
    if (error instanceof RejectionError) {
      const findings = [findingOf('error', error.rejection.code, null, error.message)];
      await context.execute(refuseImport, { importId, companyId, findings });
    }
    throw error;
  });
  return answer;

  /** The start that an earlier attempt of this request recorded. It is not decided again. */
  async function begun({ caller }: PerformContext, id: string): Promise<ImportStart | null> {
    for await (const first of events.stream(importStream(caller.tenant, id), { limit: 1 })) {
      if (isEventOf([importStarted], first)) return first.data;
    }
    return null;
  }
});

async function beginning(
  input: { sha256: string; name: string; companyId?: string | undefined },
  importId: string,
  context: PerformContext,
): Promise<Omit<ImportStart, 'ledgerRevision'> | Rejection> {
  // Importing a file requires the right to read it.
  const info =
    (await context.readableFile(input.sha256)) && (await context.files.keep(context.caller.tenant, input.sha256));
  if (!info) {
    const message = 'There is no file with this SHA-256. Upload it first.';
    return reject('accounting.file-not-found', message, {
      status: 404,
      errors: [{ pointer: '/sha256', code: 'accounting.file-not-found', message }],
    });
  }
  const companyId =
    input.companyId === undefined
      ? await companyOfFile(input.sha256, importId, context)
      : await knownCompany(input.companyId, context);
  if (isRejection(companyId)) return companyId;
  const file = { name: input.name, sha256: info.sha256, size: info.size };
  return { importId, companyId, askedCompanyId: input.companyId ?? null, file };
}

async function knownCompany(companyId: string, { caller, events }: PerformContext): Promise<string | Rejection> {
  if (await new LedgerCompanies(events).has(caller.tenant, companyId)) return companyId;
  return reject('accounting.company-not-found', 'There is no such company.', { status: 404, details: { companyId } });
}

/**
 * The company with the registration number of the file, or a new one. The read model may be a moment behind, so the id of a
 * new company derives from the number: two imports that create it use the same ledger, and only one succeeds.
 */
async function companyOfFile(sha256: string, importId: string, context: PerformContext): Promise<string> {
  const { tenant } = context.caller;
  // If it cannot be read, the job reports where.
  const open = async () => (await context.files.open(tenant, sha256)) as AsyncIterable<Uint8Array> | null;
  const number = (await headers.read(tenant, open))?.registrationNumber;
  if (!number) return nameId(importId, 'company');
  const known = await context.read((read) =>
    read.db.selectFrom(read.rows(companies).as('c')).select(['c.id', 'c.registrationNumber']).orderBy('c.id').execute(),
  );
  const same = known.find((c) => c.registrationNumber && plainNumber(c.registrationNumber) === plainNumber(number));
  return same?.id ?? nameId(tenant, 'company', plainNumber(number));
}

/** Cancels the job of a cancelled import. */
export async function stopImportJob(
  command: { readonly name: string; readonly input: object },
  { tenant }: Caller,
  { jobs }: Pick<OperationContext, 'jobs'>,
): Promise<void> {
  if (command.name !== cancelImport.name) return;
  const { importId } = command.input as InputOf<typeof cancelImport>;
  await jobs.cancel(tenant, importJobId(importId));
}
