import type { CommandOperation, CommandResult, OpenHold } from '@daybook/kernel';
import type { DecideBinding } from '../binding.js';

/**
 * An aggregate that grants holds: three internal commands of one binding, each idempotent by the name of the hold, with a
 * `mayChangeNothing` binding. The rules that a grant depends on (enough in stock, nobody else has it) are those of `hold`,
 * which refuses with `heldByAnother` where a hold of unknown outcome is in the way.
 */
export interface GrantingAggregate {
  readonly binding: DecideBinding;
  /** Takes what is asked for, and `hold`: a HoldRequest. Asked again under the same name, it answers the same. */
  readonly hold: CommandOperation;
  /** Takes what was asked for, and `name`. */
  readonly confirm: CommandOperation;
  /** Takes what was asked for, and `name`, `step` and `reason`. Another step than the hold's changes nothing. */
  readonly release: CommandOperation;
  /** Where holds do not wait for each other: those of unknown outcome, so that the next command settles what a crash left. */
  readonly openHolds?: (state: unknown) => Iterable<OpenHold>;
}

/** What a command asks a granting aggregate for: the value of a `held` fact. */
export interface HoldOn<T> {
  readonly from: GrantingAggregate;
  readonly what: Readonly<Record<string, unknown>>;
  /** What the command is decided with first: only for one that is then accepted anything is held. */
  readonly provisional: T;
  readonly granted: (result: CommandResult) => T;
}
