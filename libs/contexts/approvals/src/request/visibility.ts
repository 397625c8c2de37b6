import {
  type CommandOperation,
  guardsIn,
  type Operation,
  readAllOf,
  readingOf,
  type RecordType,
  refOf,
} from '@daybook/kernel';
import { anyOf } from '@daybook/projections';
import {
  accessBy,
  allRowsFor,
  type Caller,
  type EffectiveGrant,
  fieldRules,
  type FieldRules,
  type Holder,
  isDelegated,
  type QueryContext,
  restrict,
  rightsHolder,
} from '@daybook/server';
import { type Expression, type SqlBool, sql } from 'kysely';
import type { Approvables } from './approvables.js';
import { approveRequest, readApprovalRequest } from './request.operations.js';
import type { About, Sight } from './request.state.js';

/*
 * Who sees an approval request (docs/adr/0076): its requester, and whoever may read what the command is about. That follows from
 * the command: the permission to read its noun, held where the command belongs and not for a single party; and of a record that
 * names who sees it, the row.
 */

export interface RequestReader {
  readonly grants: readonly EffectiveGrant[];
  /** Acts for a person who allowed it, and reads only what is open to that. */
  readonly isDelegate: boolean;
}
export async function requestReader(caller: Caller, { people }: Approvables): Promise<RequestReader> {
  const rights = accessBy(caller) ?? (await people.rightsOf(caller.tenant, rightsHolder(caller)));
  return { grants: rights?.grants ?? [], isDelegate: isDelegated(caller) };
}
interface Place {
  readonly operation: string;
  readonly companyId: string | null;
}

const holds = (permission: string) => (grant: EffectiveGrant) => grant.permissions.has(permission);
const reaching = ({ grants }: RequestReader, companyId: string | null): EffectiveGrant[] =>
  grants.filter((one) => one.party === null && (one.companyId === null || one.companyId === companyId));

/** The grants by which they read what the command is about. */
function readingGrants(reader: RequestReader, { operation, companyId }: Place, approvables: Approvables) {
  const subject = approvables.subjectOf(operation);
  if (subject === null || (reader.isDelegate && !subject.delegated)) return [];
  return reaching(reader, companyId).filter(holds(subject.permission));
}

/** By the permission for what they do with the request, and the right to read what it is about. */
export function sightOf(reader: RequestReader, of: Place, permission: string, approvables: Approvables): Sight {
  if (!reaching(reader, of.companyId).some(holds(permission))) return 'absent';
  const granting = readingGrants(reader, of, approvables);
  if (granting.length === 0) return 'hidden';
  const rules = fieldRules(granting);
  return approvables.subjectOf(of.operation)!.guards.some((name) => name in rules) ? 'part' : 'whole';
}

/** Does a member see all of what requests for a command are about, in some company or in the whole tenant? */
export const seesSomewhere = ({ grants }: Holder, operation: string, approvables: Approvables): boolean =>
  [...new Set(grants.map(({ companyId }) => companyId))].some(
    (companyId) => sightOf({ grants, isDelegate: false }, { operation, companyId }, approveRequest.name, approvables) === 'whole', // prettier-ignore
  );

/** What is hidden of the input: what is hidden of the record. Who wrote it and does not read it has their own rules. */
export function inputRules(reader: RequestReader, of: Place, { fields }: Caller, approvables: Approvables): FieldRules {
  const granting = readingGrants(reader, of, approvables);
  return granting.length > 0 ? fieldRules(granting) : (fields ?? {});
}

/** Rows of requests (`c`) that the reader sees like this, for the record that they are about. */
export function inSight(
  reader: RequestReader,
  sights: readonly Sight[],
  permission: string,
  approvables: Approvables,
): Expression<SqlBool> {
  const companies = new Set(reader.grants.flatMap(({ companyId }) => companyId ?? []));
  const has = (operation: string, companyId: string | null): boolean =>
    sights.includes(sightOf(reader, { operation, companyId }, permission, approvables));
  const everywhere = approvables.requestable.filter((operation) => has(operation, null));
  const single = approvables.requestable
    .filter((operation) => !everywhere.includes(operation))
    .flatMap((operation) => [...companies].filter((company) => has(operation, company)).map((company) => [operation, company] as const)); // prettier-ignore
  const [operations, places] = [single.map(([operation]) => operation), single.map(([, company]) => company)];
  return sql<SqlBool>`(c.operation = ${anyOf(everywhere)} or (c.operation, c."companyId") in
    (select * from unnest(${operations}::text[], ${places}::text[])))`;
}

/** Rows of requests (`c`) about what the reader may read, in part or only as a whole. */
export const readableRows = (
  read: Pick<QueryContext, 'sees'>,
  reader: RequestReader,
  approvables: Approvables,
  sights: readonly Sight[] = ['part', 'whole'],
): Expression<SqlBool> =>
  sql<SqlBool>`(${inSight(reader, sights, readApprovalRequest.permission!, approvables)}
    and ${read.sees(sql`c."recordType"`, sql`c."recordId"`)})`;

/** The record that a command changes, or that it makes. */
export function recordOf(type: RecordType | null, input: Readonly<Record<string, unknown>>, newId: string): About {
  if (type === null) return { recordType: null, recordId: null };
  const ref = refOf(type, { [type.id]: newId, ...input });
  return { recordType: ref.type, recordId: ref.id };
}

/** Does the caller see the row of the record, as its table says who does? */
export async function seesRecord(
  caller: Caller,
  { recordType, recordId }: About,
  type: RecordType | null,
  read: <T>(work: (read: QueryContext) => Promise<T>) => Promise<T>,
): Promise<boolean> {
  if (type === null || type.seenBy.length === 0) return true;
  if (allRowsFor(caller)?.includes(readAllOf(type)) !== false) return true;
  const row = await read(({ db, sees }) =>
    db.selectNoFrom(sees(sql`${recordType}::text`, sql`${recordId}::text`).as('seen')).executeTakeFirst(),
  );
  return row?.seen === true;
}

/** What decides who sees the requests for a command. */
export interface Subject {
  /** To read what it is about. */
  readonly permission: string;
  /** Is reading that open to delegates? */
  readonly delegated: boolean;
  /** Names of the guarded fields in the command. */
  readonly guards: readonly string[];
  /** The record, where it is of the kit. */
  readonly type: RecordType | null;
}
export function subjectIn(
  operations: readonly Operation[],
  records: readonly RecordType[],
  command: CommandOperation,
): Subject {
  const permission = readingOf(command);
  return {
    permission,
    delegated: operations.some((one) => one.kind === 'query' && one.permission === permission && one.delegated),
    guards: guardsIn(command.input).map(({ name }) => name),
    type: records.find(({ name }) => command.name.startsWith(`${name}.`)) ?? null,
  };
}

/** The line for the inbox, which nothing that a role may hide is in. */
export function summaryOf(
  { approvable, input: schema, title }: CommandOperation,
  input: Readonly<Record<string, unknown>>,
): string {
  const rules = Object.fromEntries(guardsIn(schema).map(({ name }) => [name, 'hide' as const]));
  return approvable?.summary(restrict(schema, input, rules) as Record<string, unknown>) ?? title;
}
