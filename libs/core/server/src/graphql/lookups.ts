import { isRejection, type Operation, pageLimit, type RecordList, type RecordType } from '@daybook/kernel';
import { Batcher } from '../batcher.js';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import type { OperationRequest } from '../dispatch/request.js';
import { problemOf } from '../problem.js';
import { problemError } from './errors.js';

/*
 * Records that other records name, as fields: `crmContactList { items { manager { name } } }`. All that one level of an answer
 * names are read at once, by the list of their type: so its rights, its hidden fields and its limits hold, and the moment that
 * the field of the query asked for. Who may not read such records gets null.
 */
type Row = Readonly<Record<string, unknown>>;

/** The lists by the record type that they are of. */
export const listsIn = (operations: readonly Operation[]): ReadonlyMap<string, RecordList> =>
  new Map(operations.filter(isRecordList).map((list) => [list.of.record.name, list]));

const isRecordList = (operation: Operation): operation is RecordList =>
  'of' in operation && 'list' in (operation as RecordList).of;

/** When a field of the query reads, and in which company: records of a company are named in it alone. */
export type Scope = Pick<OperationRequest, 'knownAt' | 'minPosition'> & { readonly companyId?: unknown };

/** Those of one request. */
export class Lookups {
  private readonly batchers = new Map<string, Batcher<string, Row | null>>();
  private readonly scopes = new Map<string | number, Scope>();

  constructor(
    private readonly dispatcher: Pick<Dispatcher, 'run'>,
    private readonly request: OperationRequest,
  ) {}

  /** Of a field of the query, by its name in the answer. */
  at(field: string | number, scope: Scope): void {
    this.scopes.set(field, scope);
  }

  load(list: RecordList, id: string, field: string | number): Promise<Row | null> {
    const key = `${list.name} ${field}`;
    const batcher = this.batchers.get(key) ?? new Batcher((ids) => this.read(list, ids, this.scopes.get(field)));
    this.batchers.set(key, batcher);
    return batcher.load(id);
  }

  private async read(list: RecordList, ids: readonly string[], scope?: Scope): Promise<(Row | null)[]> {
    const { companyId, ...moment } = scope ?? {};
    const { id: name, within }: RecordType = list.of.record;
    if (within === 'company' && companyId === undefined) return ids.map(() => null);
    const found = new Map<string, Row>();
    for (let from = 0; from < ids.length; from += pageLimit.max) {
      const input = {
        ...(within === 'company' ? { companyId } : {}),
        [name]: ids.slice(from, from + pageLimit.max),
        ...('limit' in list.input.shape ? { limit: pageLimit.max } : {}),
      };
      const answer = await this.dispatcher.run(list, input, { ...this.request, ...moment });
      if (isRejection(answer)) {
        if (answer.status === 403) return ids.map(() => null);
        throw problemError(problemOf(answer, this.request.traceId));
      }
      for (const row of (answer.value as { items: readonly Row[] }).items) found.set(String(row[name]), row);
    }
    return ids.map((id) => found.get(id) ?? null);
  }
}
