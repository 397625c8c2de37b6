import { setTimeout as sleep } from 'node:timers/promises';
import type { JobRun } from '@daybook/jobs';
import {
  type Actor,
  type CommandOperation,
  type CommandResult,
  commandIdOf,
  isRejection,
  type QueryOperation,
  reject,
  type Rejection,
  RejectionError,
} from '@daybook/kernel';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import * as z from 'zod';
import { type Access, anonymous, People } from '../dispatch/access.js';
import { Bindings } from '../dispatch/bindings.js';
import { messageOf, type OperationMessage } from '../dispatch/message.js';
import { OperationRunner, type Rehearsed } from '../dispatch/operation-runner.js';
import { admit } from '../dispatch/operation.guard.js';
import { type Answered, internalRequest, type OperationRequest } from '../dispatch/request.js';
import { type FieldRules, isRestricted } from '../dispatch/restrict.js';
import { rightsHolder } from '../dispatch/rights.js';
import { StillWaiting } from '../export/still-waiting.js';
import { listsIn } from '../graphql/lookups.js';
import { EVENT_STORE, type Injected } from '../nest/tokens.js';
import { inQueryScope } from '../query/reads.js';
import type { Import } from './import.entity.js';
import { keyOf, type Known, type KnownRow, recordsBy } from './plan.js';
import { addCandidate, type Candidate, importFields, type Named, namingFields, person } from './names.js';
import { maxImportRows } from './read-file.js';
import type { Target } from './target.js';

/* Calls commands and lists as the person who asked for an import, with their rights of now. */
export const callsWith = {
  bindings: Bindings,
  commands: CommandBus,
  queries: QueryBus,
  runner: OperationRunner,
  people: People,
  store: EVENT_STORE,
} as const;
/** What a job stores of who started it. */
interface Starter {
  readonly onBehalfOf: Actor | null;
  readonly authenticatedAt: string | null;
}
interface Row {
  readonly operation: CommandOperation;
  readonly input: KnownRow;
  readonly version: number | null;
  /** `row-7`: with the import, the Idempotency-Key. */
  readonly key: string;
}
const longestWaitS = 30;
/** What a row of a list has. */
const rowShape = ({ output, rows }: QueryOperation): Readonly<Record<string, z.ZodType>> =>
  ((output as z.ZodObject).shape[rows ?? ''] as z.ZodArray<z.ZodObject>).element.shape as Record<string, z.ZodType>;
/** Whether a role hides or masks the field from the person, by the marks that it has in any of these schemas. */
const hiddenBy =
  (rules: FieldRules, shapes: readonly Readonly<Record<string, unknown>>[]) =>
  (field: string): boolean =>
    shapes.some(({ [field]: of }) => of instanceof z.ZodType && isRestricted(of, rules));
/** Says nothing about the row, which is asked again, now or when the import is run on. */
const passing: ReadonlySet<number> = new Set([429, 503]);
const tooMany = reject('platform.import-too-many', `An import takes ${maxImportRows} rows at most. Choose fewer.`, {
  status: 422,
});

export class RowCaller {
  constructor(
    private readonly job: Pick<JobRun<Starter>, 'tenant' | 'actor' | 'correlationId' | 'signal' | 'input'>,
    private readonly of: Pick<Import, 'id' | 'settings'>,
    private readonly given: Injected<typeof callsWith>,
  ) {}

  /** The rights of the person. Throws the rejection when they have none any more. */
  async access(): Promise<Access> {
    const { actor, tenant } = this.job;
    const { onBehalfOf, authenticatedAt } = this.job.input;
    const rights = await this.given.people.rightsOf(tenant, rightsHolder({ actor, onBehalfOf }));
    if (rights) return { ...anonymous, ...rights, tenant, actor, onBehalfOf, authenticatedAt };
    const message = 'Who asked for this import has no access any more.';
    throw new RejectionError(reject('platform.forbidden', message, { status: 403 }));
  }

  /** What `send` would answer, without doing it. */
  rehearse({ operation, input, version, key }: Row, access: Access): Promise<Rejection | Rehearsed> {
    const request = this.request(access, version, key);
    const { tenant, actor } = this.job;
    const commandId = commandIdOf(tenant, actor.id, operation.name, this.idempotencyKey(key));
    return this.patiently(() => this.given.runner.rehearseCall(operation, input, request, commandId));
  }

  send({ operation, input, version, key }: Row, access: Access): Promise<CommandResult | Rejection> {
    const request = this.request(access, version, key);
    return this.patiently(async () => {
      const message = new (messageOf(operation))(input, request);
      const answer = await this.given.commands.execute<OperationMessage, Answered | Rejection>(message);
      return isRejection(answer) ? answer : (answer.value as CommandResult);
    });
  }

  /**
   * The records of the target that have one of these values in the field, as the person sees them, two of each at most; all for
   * null. Throws a RejectionError 422 for more values than an import takes.
   */
  async known(target: Target, field: string, wanted: ReadonlySet<string> | null, access: Access): Promise<Known> {
    const { kit, operation } = target;
    if (!kit?.list)
      throw new RejectionError(
        reject('platform.import-refused', `"${operation.title}" has no list to find records in.`),
      );
    const { record, list } = kit;
    const { forAll, where } = this.of.settings;
    const input = { ...where, ...(record.within === 'company' ? { companyId: forAll['companyId'] } : {}) };
    const admitted = admit({ operation: list, raw: input }, access);
    if (isRejection(admitted)) throw new RejectionError(admitted);
    const isHidden = hiddenBy(admitted.rules, [rowShape(list), operation.input.shape, kit.change?.input.shape ?? {}]);
    if (isHidden(field)) {
      const message = 'You may not see the field that rows are matched by.';
      throw new RejectionError(reject('platform.import-hidden', message, { status: 403 }));
    }
    const { records, take } = recordsBy(field, wanted);
    await this.read(list, input, access, (row) => {
      if (take(row) > maxImportRows) throw new RejectionError(tooMany);
    });
    const fields = [...Object.keys(record.fields), ...importFields(target, []).keys()];
    return { records, hidden: new Set(fields.filter(isHidden)) };
  }

  /** What these keys mean, among the records of a type, or the people, that the person may read. */
  async named(type: string, wanted: ReadonlySet<string>, access: Access): Promise<Named> {
    const found = new Map<string, Candidate[]>();
    const { bindings } = this.given;
    const of = listsIn(bindings.operations).get(type);
    if (type === person) {
      // The first one that they may read says most.
      for (const list of bindings.persons) {
        const fields = new Map([['id', 0], ['personId', 0], ['email', 1], ['name', 2]]); // prettier-ignore
        if (await this.collect(list, {}, fields, wanted, access, found)) break;
      }
    } else if (of) {
      const { companyId } = this.of.settings.forAll;
      const { record } = of.of;
      const input = record.within === 'company' ? { companyId } : {};
      await this.collect(of, input, namingFields(record), wanted, access, found);
    }
    return found;
  }

  /** False where the person may not read the list. A field that is hidden or masked names nothing. */
  private async collect(
    list: QueryOperation,
    input: KnownRow,
    fields: ReadonlyMap<string, number>,
    wanted: ReadonlySet<string>,
    access: Access,
    found: Map<string, Candidate[]>,
  ): Promise<boolean> {
    const admitted = admit({ operation: list, raw: input }, access);
    if (isRejection(admitted)) return false;
    const { rules } = admitted;
    const isHidden = hiddenBy(rules, [rowShape(list)]);
    const known = [...fields].filter(([field]) => !isHidden(field));
    await this.read(list, input, access, (row) => {
      if (row['status'] === 'deactivated') return;
      const names = known.filter(([field]) => typeof row[field] === 'string');
      const id = row[names.find(([, rank]) => rank === 0)?.[0] ?? ''];
      const label = names.flatMap(([field, rank]) => (rank === 0 ? [] : [String(row[field])])).join(', ');
      for (const [field, rank] of names) {
        const key = keyOf(row[field]);
        if (wanted.has(key)) addCandidate(found, key, { id: String(id), label, rank });
      }
    });
    return true;
  }

  /** All rows of a list in one snapshot that has what was recorded until now. */
  private async read(list: QueryOperation, input: KnownRow, access: Access, take: (row: KnownRow) => void) {
    const { signal } = this.job;
    const request: OperationRequest = {
      ...this.request(access, null, ''),
      idempotencyKey: null,
      minPosition: String(await this.given.store.head()),
      signal,
      eachPage: async (page) => {
        page.forEach(take);
        return !signal.aborted;
      },
    };
    const ask = () =>
      this.given.queries.execute<OperationMessage, Answered | Rejection>(new (messageOf(list))(input, request));
    const answer = await this.patiently(() => inQueryScope(ask));
    if (isRejection(answer)) throw new RejectionError(answer);
    signal.throwIfAborted();
  }

  /** Waits where the answer will be another one soon. Throws the rejection where nobody knows when. */
  private async patiently<T>(ask: () => Promise<T | Rejection>): Promise<T | Rejection> {
    for (let waited = 0; ;) {
      const answer = await ask();
      if (!isRejection(answer) || !passing.has(answer.status)) return answer;
      const { retryAfterSeconds: wait } = answer.details;
      if (typeof wait !== 'number') throw new RejectionError(answer);
      waited += wait;
      if (waited > longestWaitS) throw new StillWaiting(answer.message);
      await sleep(wait * 1000, undefined, { signal: this.job.signal });
    }
  }

  private idempotencyKey(key: string): string {
    return `import-${this.of.id}-${key}`;
  }

  private request(access: Access, expectedVersion: number | null, key: string): OperationRequest {
    const { tenant, actor, correlationId: traceId } = this.job;
    const { reason } = this.of.settings;
    const idempotencyKey = this.idempotencyKey(key);
    const from = internalRequest({ tenant, actor, channel: 'rest', traceId, idempotencyKey, reason });
    return { ...from, access: async () => access, expectedVersion, isRow: true };
  }
}
