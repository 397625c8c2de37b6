import type { CommandOperation, Operation } from '@daybook/kernel';
import type { RecordTable, TableDeclaration } from '@daybook/projections';
import type { People } from '@daybook/server';
import type { Bindings } from '@daybook/server/dispatch/bindings';
import type { RulesInForce } from '../rule/rules-in-force.js';
import { type Subject, subjectIn } from './visibility.js';

export const approvablesIn = (operations: readonly Operation[]): CommandOperation[] =>
  operations.filter((one): one is CommandOperation => one.kind === 'command' && one.approvable !== null);

/** What can wait for a second person, by which rules, and who people are. */
export class Approvables {
  /** By the name of a step, that of the command it is one of. */
  private readonly steps: ReadonlyMap<string, string>;
  private readonly subjects = new Map<string, Subject>();

  constructor(
    private readonly bindings: Pick<Bindings, 'operations' | 'named' | 'records' | 'tables'>,
    readonly people: People,
    readonly rules: RulesInForce,
  ) {
    this.steps = new Map(
      approvablesIn(bindings.operations).flatMap(({ name, approvable }) =>
        approvable?.step ? [[approvable.step, name]] : [],
      ),
    );
  }

  /** What decides who sees requests for the command or step of this name; null for one that is no more. */
  subjectOf(name: string): Subject | null {
    const command = this.operation(name);
    if (command?.kind !== 'command') return null;
    const { operations, records } = this.bindings;
    const found = this.subjects.get(name) ?? subjectIn(operations, records, command);
    this.subjects.set(name, found);
    return found;
  }

  /** The table of the records that the command is about, where these are of the kit. */
  tableOf(name: string): RecordTable | null {
    const type = this.subjectOf(name)?.type;
    return this.bindings.tables.filter(isRecordTable).find(({ record }) => record === type) ?? null;
  }

  /** Names of the commands and steps that may wait. */
  get requestable(): readonly string[] {
    return this.commands.map(({ name, approvable }) => approvable?.step ?? name);
  }

  /** The commands that rules can name. */
  get commands(): readonly CommandOperation[] {
    return approvablesIn(this.bindings.operations);
  }

  operation(name: string): Operation | undefined {
    return this.bindings.named(name);
  }

  titleOf(name: string): string {
    return this.operation(name)?.title ?? name;
  }

  /** The name that rules know a step by: that of the command it is one of; a command's own for every other. */
  ruledAs(name: string): string {
    return this.steps.get(name) ?? name;
  }
}

const isRecordTable = (table: TableDeclaration): table is RecordTable => 'record' in table;
