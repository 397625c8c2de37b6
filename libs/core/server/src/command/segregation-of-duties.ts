import {
  type Actor,
  type EventMeta,
  formatDate,
  type NotBy,
  type Operation,
  type RecordRef,
  reject,
  type Rejection,
} from '@daybook/kernel';
import type { Caller, DecideBinding, EventReader } from '../binding.js';
import type { Access, People } from '../dispatch/access.js';
import { rightsHolder } from '../dispatch/rights.js';
import type { CommandCall } from './command-executor.js';

/*
 * Segregation of duties on one record: a person may not do this to it after what they did to it before (docs/adr/0070).
 * Which two acts exclude each other says a rule of the tenant, by their permissions, or the operation itself (`notBy`). Both
 * are decided from the actors of the record's own events, in the stream that the command is appended to: its expected
 * revision catches what another process does to the record meanwhile.
 */

export interface SegregationOptions {
  /** Rights of callers who are not calling just now, and who else may do it. */
  readonly people?: Pick<People, 'rightsOf' | 'holdersOf' | 'rolesIn'> | null;
  readonly operations?: { named(name: string): Pick<Operation, 'title' | 'permission'> | undefined };
}

/** What a command is about to do. */
export interface Attempt {
  readonly call: CommandCall;
  readonly binding: Pick<DecideBinding, 'revisionsOf'>;
  readonly stream: string;
  readonly state: unknown;
  /** The records of the decision's events. */
  readonly records: readonly RecordRef[];
  readonly events: EventReader;
}

interface Duties {
  /** Permissions that exclude the command's own on the same record. */
  readonly incompatible: readonly string[];
  readonly notBy: NotBy | null;
  /** Ids that count as the caller. */
  readonly selves: ReadonlySet<string>;
}
interface Act {
  readonly record: RecordRef;
  /** The operation that was executed. */
  readonly operation: string;
  readonly permission: string;
  readonly at: string;
  /** The declared rule that excludes it; null: a rule of the tenant. */
  readonly notBy: NotBy | null;
  readonly by: readonly string[];
}

export class SegregationOfDuties {
  constructor(private readonly options: SegregationOptions) {}

  /** Why the caller may not do it, with who may; null when they may, undefined when no rule concerns them. */
  async violation(attempt: Attempt): Promise<Rejection | null | undefined> {
    const { call, records } = attempt;
    // A record that begins with this command has no past.
    const known = records.filter(({ id }) => id !== call.newId);
    const duties = known.length === 0 ? null : await this.dutiesOf(call);
    if (!duties) return undefined;
    const excluding = await this.excludingActs(known, duties, attempt);
    const isOwn = ({ by }: Act) => by.some((id) => duties.selves.has(id));
    const own = excluding.filter(isOwn);
    if (own.length === 0) return null;
    const barred = new Set([...duties.selves, ...excluding.flatMap(({ by }) => by)]);
    return this.refused(call, own, barred);
  }

  /** The rules that concern this caller; null where there are none, and for the product itself, whose rights nobody asks. */
  private async dutiesOf({ operation, caller }: CommandCall): Promise<Duties | null> {
    const { permission, notBy } = operation;
    const isSomebody = caller.actor.kind === 'person' || caller.actor.kind === 'api-key';
    if (!isSomebody || (permission === null && notBy === null)) return null;
    const { incompatible, peers = [] } = caller.incompatible ? caller : await this.rightsOf(caller);
    const excluded = incompatible?.get(permission ?? '') ?? [];
    if (excluded.length === 0 && notBy === null) return null;
    return { incompatible: excluded, notBy, selves: new Set([...idsOf(caller), ...peers]) };
  }

  private async rightsOf(caller: Caller): Promise<Partial<Pick<Access, 'incompatible' | 'peers'>>> {
    return (await this.options.people?.rightsOf(caller.tenant, rightsHolder(caller))) ?? {};
  }

  private async excludingActs(
    records: readonly RecordRef[],
    { incompatible, notBy }: Duties,
    of: Attempt,
  ): Promise<Act[]> {
    const found: Act[] = [];
    const begun = new Set<RecordRef>();
    for await (const { record, meta, recordedAt } of pastOf(records, of)) {
      const declared = notBy === 'contributor' || (notBy === 'creator' && !begun.has(record)) ? notBy : null;
      begun.add(record);
      const { operation } = meta;
      const permission = this.options.operations?.named(operation)?.permission ?? operation;
      if (declared === null && !incompatible.includes(permission)) continue;
      found.push({ record, operation, permission, at: recordedAt, notBy: declared, by: idsOf(meta) });
    }
    return found;
  }

  private async refused(
    { operation, caller, input }: CommandCall,
    own: readonly Act[],
    barred: ReadonlySet<string>,
  ): Promise<Rejection> {
    const [act] = own as [Act, ...Act[]];
    const titled = (name: string) => `“${this.options.operations?.named(name)?.title ?? name}”`;
    const did = `On ${formatDate(act.at.slice(0, 10), 'long')} you did ${titled(act.operation)} on this record.`;
    const why = act.notBy
      ? `${titled(operation.name)} takes ${anotherThan[act.notBy]}.`
      : `A segregation-of-duties rule does not let one person do that and ${titled(operation.name)} on the same record.`;
    const others = await this.whoMay(operation, caller, input, barred);
    const way =
      others.persons.length > 0
        ? `Ask somebody else who may do it: ${others.roles.join(', ')}.`
        : 'Nobody else may do it now. An Admin can give somebody else a role that permits it.';
    return reject('platform.sod-violated', `${did} ${why} ${way}`, {
      details: {
        record: act.record,
        rule: act.notBy ? { notBy: act.notBy } : { first: act.permission, second: operation.permission },
        earlier: own.map(({ permission, at }) => ({ permission, at })),
        who: others.persons.slice(0, mostNamed),
        roles: others.roles,
      },
    });
  }

  /** By id and by role: a rejection may be kept in a job or an event, where nobody's name belongs. */
  private async whoMay(
    { permission }: Pick<Operation, 'permission'>,
    { tenant }: Caller,
    { companyId }: Readonly<Record<string, unknown>>,
    barred: ReadonlySet<string>,
  ): Promise<{ persons: string[]; roles: string[] }> {
    const { people } = this.options;
    if (!people || permission === null) return { persons: [], roles: [] };
    const [holders, names] = await Promise.all([people.holdersOf(tenant, permission), people.rolesIn(tenant)]);
    const may = holders
      .filter(({ personId }) => !barred.has(personId))
      .map(({ personId, grants }) => {
        const here = grants.filter((one) => one.companyId === null || one.companyId === companyId);
        return { personId, roles: here.filter((one) => one.permissions.has(permission)).map(({ role }) => role) };
      })
      .filter(({ roles }) => roles.length > 0);
    const roles = new Set(may.flatMap((one) => one.roles.map((role) => names.get(role) ?? role)));
    return { persons: may.map(({ personId }) => personId), roles: [...roles].sort() };
  }
}

const mostNamed = 20;
const anotherThan: Readonly<Record<NotBy, string>> = {
  creator: 'somebody who did not create the record',
  contributor: 'somebody who neither created nor changed the record',
};

/** Somebody who acts for another person counts as both, so that neither evades a rule under the other's name. */
const idsOf = ({ actor, onBehalfOf }: { readonly actor: Actor; readonly onBehalfOf?: Actor | null }): string[] => [
  actor.id,
  ...(onBehalfOf ? [onBehalfOf.id] : []),
];

interface Past {
  readonly record: RecordRef;
  readonly meta: EventMeta;
  readonly recordedAt: string;
}
const nameOf = ({ type, id }: RecordRef): string => `${type} ${id}`;

/** The events of records, of each the oldest first: where the binding knows them, else all of the stream, in one pass. */
async function* pastOf(
  records: readonly RecordRef[],
  { binding: { revisionsOf }, stream, state, events }: Attempt,
): AsyncIterable<Past> {
  const named = new Map(records.map((record) => [nameOf(record), record]));
  if (revisionsOf) {
    for (const record of named.values())
      for (const from of revisionsOf(state, record))
        for await (const { meta, recordedAt } of events.stream(stream, { from, limit: 1 }))
          yield { record, meta, recordedAt };
    return;
  }
  for await (const { meta, recordedAt } of events.stream(stream, { unknown: 'skip' })) {
    const record = named.get(nameOf(meta.record));
    if (record) yield { record, meta, recordedAt };
  }
}
