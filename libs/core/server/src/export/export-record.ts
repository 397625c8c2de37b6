import {
  accept,
  command,
  type CommandOf,
  type Decider,
  event,
  type EventsOf,
  isRejection,
  nameId,
  type QueryOperation,
  type Rejection,
  streamName,
} from '@daybook/kernel';
import { Inject, Injectable } from '@nestjs/common';
import * as z from 'zod';
import { type Caller, decide } from '../binding.js';
import { canonicalJson, deriveKey, hmac } from '../crypto.js';
import type { OperationRequest } from '../dispatch/request.js';
import { JobCommands } from '../nest/job-commands.js';
import { SECRET } from '../nest/tokens.js';
import { exportFormat, startExport } from './export.operations.js';

/*
 * Who took which list out of the product, when, and how many rows: what an auditor asks. Recorded before the rows are given
 * out. Of the filters only the names are kept, for what somebody searched by may be a person.
 */
export const listExported = event('platform.list-exported', {
  data: z.object({
    /** The job, or the answer as CSV. */
    exportId: z.uuid(),
    list: z.string(),
    title: z.string(),
    format: exportFormat,
    rows: z.int().min(0),
    /** null: all columns of the list. */
    columns: z.array(z.string()).nullable(),
    filters: z.array(z.string()),
    /** What it was read at; null for what is now. */
    knownAt: z.string().nullable(),
    /** Of the file; null for rows that were answered as CSV. */
    sha256: z.string().nullable(),
  }),
  record: ({ exportId: id }) => ({ type: 'platform.export', id }),
});

/** Internal: the job of an export sends it, and an answer as CSV. */
export const recordExport = command('platform.export.record', {
  title: 'Record an export',
  http: 'POST /v1/platform/exports/record',
  permission: startExport.permission,
  says: 'exported {rows} rows: {title}',
  input: listExported.data,
});

const events = [listExported] as const;
const decider: Decider<number, CommandOf<typeof recordExport>, EventsOf<typeof events>> = {
  initial: 0,
  decide: ({ input }, written) => accept(input.exportId, written + 1, listExported.of(input)),
  evolve: (written) => written + 1,
};

export const recordExportBinding = decide({
  operations: [recordExport],
  decider,
  events,
  stream: ({ exportId }, { tenant }) => streamName('platform.export', tenant, exportId),
});

/** Names of the filters that were used; order and pages are none. */
export const filtersOf = (input: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(input)
    .filter((name) => !notFilters.has(name) && input[name] !== undefined)
    .sort();
const notFilters = new Set(['limit', 'cursor', 'sort', 'order', 'count', 'sums']);

/** Records rows that are answered as CSV; a program that asks for the same again within a quarter of an hour is recorded once. */
@Injectable()
export class AnsweredExports {
  private readonly key: Buffer;

  constructor(
    @Inject(JobCommands) private readonly commands: JobCommands,
    @Inject(SECRET) secret: string,
  ) {
    this.key = deriveKey(secret, 'answered-exports');
  }

  async record(
    { name, title }: QueryOperation,
    input: Readonly<Record<string, unknown>>,
    rows: number,
    { access, channel, address, traceId: correlationId, reason, knownAt }: OperationRequest,
  ): Promise<Rejection | null> {
    const by = await access();
    if (isRejection(by)) return by;
    const { tenant, actor, onBehalfOf } = by;
    const quarter = String(Math.floor(Date.now() / 900_000));
    // Keyed, so that nobody can test by the id in the log what somebody searched for.
    const asked = hmac(this.key, canonicalJson([actor.id, name, input, knownAt, rows, quarter])).toString('base64url');
    const exportId = nameId(tenant, asked);
    const said = {
      exportId,
      list: name,
      title,
      format: 'csv',
      rows,
      columns: null,
      filters: filtersOf(input),
      knownAt,
    };
    const caller: Caller = { tenant, actor, onBehalfOf, channel, address, correlationId, reason };
    const as = { commandId: nameId(exportId, 'record'), expectedVersion: null };
    const answer = await this.commands.executeAs(caller, recordExport, { ...said, sha256: null }, as);
    return isRejection(answer) ? answer : null;
  }
}
