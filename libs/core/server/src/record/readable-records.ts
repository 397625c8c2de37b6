import type { Files } from '@daybook/files';
import type { Jobs } from '@daybook/jobs';
import { type FieldRule, guardsIn, isRejection } from '@daybook/kernel';
import type { ReadContext } from '@daybook/projections';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller, EventReader } from '../context.js';
import { type Access, anonymous, People } from '../dispatch/access.js';
import { Bindings, Dependencies } from '../dispatch/bindings.js';
import { admit } from '../dispatch/operation.guard.js';
import { restrict } from '../dispatch/restrict.js';
import { accessBy, allRowsOf, companiesOf, partiesOf, rightsHolder } from '../dispatch/rights.js';
import { EVENT_READER, FILES, JOBS } from '../nest/tokens.js';
import { Cursors, queryContextOf } from '../query/query-context.js';
import { isSpelledRightly, type RecordKey, type RecordPage, recordPages, type RecordQuestion } from './record-pages.js';

export type { RecordKey } from './record-pages.js';

/** Whose rights count: those of a caller, or of a person who is not calling just now. */
export type Reader = Pick<Caller, 'tenant' | 'actor' | 'onBehalfOf'>;
export const personReading = (tenant: string, id: string): Reader => ({ tenant, actor: { kind: 'person', id } });

export interface ReadableRecord {
  /** "entry" */
  readonly one: string;
  /** What it is called, as the reader may see it. */
  readonly title: string | null;
  /** Address in the console, without a slash in front. */
  readonly address: string | null;
  /** Guarded fields that are hidden or masked for the reader of this record. */
  readonly fields: Readonly<Record<string, FieldRule>>;
  /** Nothing of it is hidden or masked. */
  readonly isWhole: boolean;
}

/**
 * May somebody read this record? They may if the query of its page answers them, by their rights of now: permission, company,
 * and whatever the query itself decides by. Grants that name a party give nothing here: what colleagues say about a
 * record is not for the customer or supplier that it is about.
 */
@Injectable()
export class ReadableRecords {
  private readonly pages: ReadonlyMap<string, RecordPage>;

  constructor(
    @Inject(Bindings) private readonly bindings: Bindings,
    @Inject(Dependencies) private readonly dependencies: Dependencies,
    @Inject(People) private readonly people: Pick<People, 'rightsOf'>,
    @Inject(Cursors) private readonly cursors: Cursors,
    @Inject(EVENT_READER) private readonly events: EventReader,
    @Inject(FILES) private readonly files: Files,
    @Inject(JOBS) private readonly jobs: Jobs,
  ) {
    this.pages = recordPages(bindings.contexts, bindings.operations);
  }

  /** The record as the reader sees it in this snapshot; null where they may not read it, and where there is none. */
  async find(read: ReadContext, reader: Reader, key: RecordKey): Promise<ReadableRecord | null> {
    const [found] = await this.findEach(read, reader, [key]);
    return found ?? null;
  }

  /** As `find`, in the order of the keys: one question per type and company where its list takes ids, all at once. */
  async findEach(
    read: ReadContext,
    reader: Reader,
    keys: readonly RecordKey[],
  ): Promise<readonly (ReadableRecord | null)[]> {
    const access = keys.length === 0 ? null : await this.accessOf(reader);
    if (!access) return keys.map(() => null);
    const alike = Map.groupBy(keys.filter(isSpelledRightly), ({ type, companyId }) => `${type} ${companyId}`);
    const asked = [...alike.values()].flatMap((same) => {
      const page = this.pages.get(same[0]!.type);
      return page?.questions(same).map((question) => this.answered(read, reader, access, page, question)) ?? [];
    });
    const found = new Map((await Promise.all(asked)).flat());
    return keys.map((key) => found.get(key) ?? null);
  }

  private async answered(
    read: ReadContext,
    reader: Reader,
    access: Access,
    page: RecordPage,
    { keys, query, input, rowIn }: RecordQuestion,
  ): Promise<(readonly [RecordKey, ReadableRecord])[]> {
    const admitted = admit({ operation: query, raw: input }, access);
    if (isRejection(admitted)) return [];
    const { granting, rules } = admitted;
    const caller: Caller = {
      ...{ tenant: reader.tenant, actor: reader.actor, onBehalfOf: reader.onBehalfOf ?? null },
      companies: companiesOf(granting),
      parties: partiesOf(granting),
      allRows: allRowsOf(access.grants, input['companyId']),
      fields: rules,
      ...{ channel: 'system', address: null, correlationId: '', reason: null },
    };
    const { cursors, bindings, dependencies, events, files, jobs } = this;
    const asked = queryContextOf(read, {
      ...{ cursors, bindings, dependencies, caller, operation: query.name, knownAt: null },
      context: { events, files, jobs },
    });
    const answer = await asked.ask(query, input, { forNames: true });
    if (isRejection(answer)) return [];
    const shown = restrict(query.output, answer, rules) as Readonly<Record<string, unknown>>;
    const isWhole = guardsIn(page.page.output).every(({ name }) => rules[name] === undefined);
    return keys.flatMap((key) => {
      const row = rowIn(shown, key);
      if (!row) return [];
      const [title, address] = [page.titleOf(row), page.addressOf(row, key)];
      return [[key, { one: page.one, title, address, fields: rules, isWhole }] as const];
    });
  }

  private async accessOf(reader: Reader): Promise<Access | null> {
    const rights = accessBy(reader) ?? (await this.people.rightsOf(reader.tenant, rightsHolder(reader)));
    if (!rights) return null;
    const { tenant, actor, onBehalfOf = null } = reader;
    const grants = rights.grants.filter(({ party }) => party === null);
    return { ...anonymous, ...rights, grants, tenant, actor, onBehalfOf };
  }
}
