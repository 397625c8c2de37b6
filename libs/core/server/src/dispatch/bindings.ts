import {
  type Customizable,
  type DeclaredPermissions,
  declaredPermissions,
  type EventDeclaration,
  hidingFaults,
  type Operation,
  personalPlaces,
  type Process,
  type QueryOperation,
  readAllOf,
  readingOf,
  type RecordList,
  type RecordType,
} from '@daybook/kernel';
import type { TableDeclaration } from '@daybook/projections';
import { Inject, Injectable, type InjectionToken, type Type } from '@nestjs/common';
import { PARAMTYPES_METADATA } from '@nestjs/common/constants.js';
import type {
  AnswerBinding,
  Context,
  CustomFieldRegistry,
  DecideBinding,
  PerformBinding,
  RecordTags,
} from '../context.js';
import type { Injections } from '../nest/tokens.js';
import { filePermissions, fileRoles } from '../rest/file-permissions.js';

export type Binding = DecideBinding | AnswerBinding | PerformBinding;

/**
 * All operations of all contexts by name. Two operations with one name or one route are an error at start. `operations`
 * has those that can be called from outside; internal ones are found by `of` only.
 */
export class Bindings {
  readonly operations: readonly Operation[];
  /** All permissions that roles can have: those of operations, and of the few routes that are not operations. */
  readonly permissions: readonly string[];
  /** The same, and what the roles of every tenant have of them. */
  readonly declared: DeclaredPermissions;
  /** Every record type of every context. */
  readonly records: readonly RecordType[];
  /** Every event of every context. */
  readonly events: readonly EventDeclaration[];
  readonly processes: readonly Process[];
  readonly customFields: CustomFieldRegistry | null;
  readonly persons: readonly QueryOperation[];
  /** What takes custom fields, by name: what an operation enters, or a list shows. */
  readonly customizable: ReadonlyMap<string, Customizable>;
  readonly recordTags: RecordTags | null;
  /** The tables of all read models. */
  readonly tables: readonly TableDeclaration[];
  private readonly channels: ReadonlyMap<string, QueryOperation>;
  /** No hint on them names an id. */
  readonly namelessChannels: ReadonlySet<string>;
  readonly citations: Context['citations'];
  readonly askedWithRights: Context['askedWithRights'];
  private readonly byName = new Map<string, { operation: Operation; binding: Binding }>();

  constructor(readonly contexts: readonly Context[]) {
    this.events = contexts.flatMap(({ events }) => events);
    this.tables = contexts.flatMap(({ projections }) => projections.flatMap(({ tables }) => tables));
    this.processes = contexts.flatMap(processesOf);
    this.channels = new Map(contexts.flatMap((c) => Object.entries(c.channels)));
    this.namelessChannels = new Set(contexts.flatMap(({ namelessChannels }) => namelessChannels));
    this.askedWithRights = (tenant) => contexts.flatMap((context) => context.askedWithRights(tenant));
    this.citations = contexts.flatMap(({ citations }) => citations);
    this.records = contexts.flatMap(({ records }) => records);
    checkReferences(this.records);
    const [registry = null, ...others] = contexts.flatMap(({ customFields }) => customFields ?? []);
    if (others.length > 0) throw new Error('Two contexts define custom fields');
    this.customFields = registry;
    this.persons = contexts.flatMap(({ persons }) => persons);
    const [recordTags = null, ...more] = contexts.flatMap((context) => context.recordTags ?? []);
    if (more.length > 0) throw new Error('Two contexts have tags on records');
    this.recordTags = recordTags;
    const folded = new Map<DecideBinding['decider'], DecideBinding['events']>();
    for (const binding of contexts.flatMap((c) => [...c.bindings, ...c.internal])) {
      if (binding.kind !== 'decide') continue;
      const events = folded.get(binding.decider) ?? binding.events;
      if (events !== binding.events) throw new Error('Bindings of one decider must fold the same list of events');
      folded.set(binding.decider, events);
      const isPersonal = events.some(({ data }) => personalPlaces(data).length > 0);
      if (isPersonal && binding.snapshots && !binding.snapshots.personal) {
        throw new Error(`Snapshots of ${events[0]!.name} must say what of the state is personal`);
      }
    }
    const routes = new Map<string, string>();
    for (const { binding, operation } of contexts.flatMap((c) => c.bindings).flatMap(operationsOf)) {
      if (this.byName.has(operation.name)) throw new Error(`Two bindings for the operation ${operation.name}`);
      if (operation.kind === 'query' && operation.currentOnly !== (binding.kind === 'perform')) {
        throw new Error(`${operation.name} must be declared currentOnly exactly if it is performed`);
      }
      const route = operation.http.replaceAll(/\{\w+\}/g, '{}');
      const other = routes.get(route);
      if (other) throw new Error(`${operation.name} and ${other} share the route ${operation.http}`);
      routes.set(route, operation.name);
      const faults = [...hidingFaults(operation.output, true), ...hidingFaults(operation.input, false)];
      if (faults.length > 0) throw new Error(`The operation ${operation.name} cannot be served. ${faults.join(' ')}`);
      this.byName.set(operation.name, { operation, binding });
    }
    this.operations = [...this.byName.values()].map((b) => b.operation);
    this.customizable = new Map(this.operations.flatMap(customizableOf).map((one) => [one.name, one]));
    this.permissions = [
      ...new Set([
        ...this.operations.flatMap(({ permission }) => permission ?? []),
        ...this.records.filter(({ seenBy }) => seenBy.length > 0).map(readAllOf),
        ...Object.values(filePermissions),
      ]),
    ];
    this.declared = declaredPermissions(this.permissions, [...contexts, { name: 'files', roles: fileRoles }]);
    for (const { binding, operation } of contexts.flatMap((c) => c.internal).flatMap(operationsOf)) {
      if (this.byName.has(operation.name)) throw new Error(`Two bindings for the operation ${operation.name}`);
      this.byName.set(operation.name, { operation, binding });
    }
    for (const { name, approvable } of this.operations.filter((one) => one.kind === 'command')) {
      const waits = this.named(approvable?.step ?? name);
      if (approvable === null || waits?.kind !== 'command' || this.permissions.includes(readingOf(waits))) continue;
      throw new Error(`${name} may wait for approval, and no permission is called ${readingOf(waits)}: say readBy`);
    }
  }

  /** The permission to hear of changes on a channel; undefined for a channel that no context names. */
  permissionOfChannel(channel: string): string | null | undefined {
    return this.channels.get(channel)?.permission;
  }

  /** The permission to see all rows of which a channel tells; null where anyone who may list them sees all. */
  allRowsOfChannel(channel: string): string | null {
    const query = this.channels.get(channel);
    const record = query && 'of' in query ? (query as RecordList).of.record : null;
    return record && record.seenBy.length > 0 ? readAllOf(record) : null;
  }

  named(name: string): Operation | undefined {
    return this.byName.get(name)?.operation;
  }

  of(operation: Operation): Binding {
    const found = this.byName.get(operation.name);
    if (!found) throw new Error(`No context binds the operation ${operation.name}`);
    return found.binding;
  }
}

/** The processes of a context, which are named after it. */
function processesOf({ name, processes }: Context): readonly Process[] {
  const foreign = processes.find((process) => !process.name.startsWith(`${name}.`));
  if (foreign) throw new Error(`The process ${foreign.name} is not named after its context, ${name}`);
  const twice = processes.find(
    (process, index) => processes.findIndex((other) => other.name === process.name) !== index,
  );
  if (twice) throw new Error(`Two processes are called ${twice.name}`);
  return processes;
}

const operationsOf = (binding: Binding): { binding: Binding; operation: Operation }[] =>
  binding.kind === 'decide'
    ? binding.operations.map((operation) => ({ binding, operation }))
    : [{ binding, operation: binding.operation }];

/** Records name each other: a name that none has would lead nowhere. */
function checkReferences(records: readonly RecordType[]): void {
  const known = new Set(records.map(({ name }) => name as string));
  for (const { name, fields } of records) {
    for (const [field, { to }] of Object.entries(fields)) {
      if (to !== null && !known.has(to))
        throw new Error(`${name}.${field} refers to ${to}, which is no record of any context`);
    }
  }
}

/** What declares dependencies: a binding, a job, or the personal data of a context. */
export interface Injecting {
  readonly inject: Injections;
}

/** What Nest injected for each binding, by name; filled by the handlers as Nest instantiates them. */
@Injectable()
export class Dependencies {
  private readonly known = new Map<Injecting, object>();

  set(of: Injecting, injected: object): void {
    this.known.set(of, injected);
  }

  of(binding: Injecting): object {
    const injected = this.known.get(binding);
    if (injected === undefined && Object.keys(binding.inject).length > 0) {
      throw new Error(`Nothing was injected for ${Object.keys(binding.inject).join(', ')}: is its module imported?`);
    }
    return injected ?? {};
  }
}

/** Makes Nest inject these tokens, in order, into the constructor of a generated class. */
export function injectInto(made: Type, tokens: readonly InjectionToken[]): void {
  Reflect.defineMetadata(
    PARAMTYPES_METADATA,
    tokens.map(() => Object),
    made,
  );
  tokens.forEach((token, index) => Inject(token)(made, undefined, index));
}

/** The injected values by the names in `inject`. */
export const namedAs = ({ inject }: Injecting, injected: readonly unknown[]): object =>
  Object.fromEntries(Object.keys(inject).map((name, index) => [name, injected[index]]));

const customizableOf = (operation: Operation): readonly Customizable[] => {
  const custom = operation.kind === 'command' ? operation.custom?.record : operation.custom;
  return custom ? [custom] : [];
};
