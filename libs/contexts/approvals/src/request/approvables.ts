import type { CommandOperation, Operation } from '@daybook/kernel';
import type { People } from '@daybook/server';
import type { Bindings } from '@daybook/server/dispatch/bindings';
import type { RulesInForce } from '../rule/rules-in-force.js';

export const approvablesIn = (operations: readonly Operation[]): CommandOperation[] =>
  operations.filter((one): one is CommandOperation => one.kind === 'command' && one.approvable !== null);

/** What can wait for a second person, by which rules, and who people are. */
export class Approvables {
  /** By the name of a step, that of the command it is one of. */
  private readonly steps: ReadonlyMap<string, string>;

  constructor(
    private readonly bindings: Pick<Bindings, 'operations' | 'named'>,
    readonly people: People,
    readonly rules: RulesInForce,
  ) {
    this.steps = new Map(
      approvablesIn(bindings.operations).flatMap(({ name, approvable }) =>
        approvable?.step ? [[approvable.step, name]] : [],
      ),
    );
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
