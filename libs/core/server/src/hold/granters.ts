import {
  type CommandOperation,
  type CommandResult,
  type HoldRequest,
  isRejection,
  newId,
  type Rejection,
} from '@daybook/kernel';
import type { Caller, DecideBinding } from '../binding.js';
import type { CommandCall } from '../command/command-executor.js';
import type { GrantingAggregate } from './granting.js';

/** For whom something is held, confirmed or released, and because of which command. */
export interface HoldCaller {
  readonly caller: Caller;
  readonly causationId: string;
}
type What = Readonly<Record<string, unknown>>;

/** Where holds are granted: a stream of the log, or a table. Every method is idempotent by the name of the hold. */
export interface Granter {
  hold(what: What, hold: HoldRequest, by: HoldCaller): Promise<CommandResult | Rejection>;
  /** What `hold` would refuse now; null when it would be granted. */
  check(what: What, hold: HoldRequest, by: HoldCaller): Promise<Rejection | null>;
  confirm(what: What, hold: HoldRequest, by: HoldCaller): Promise<void>;
  release(what: What, hold: HoldRequest, reason: string, by: HoldCaller): Promise<void>;
}

/** What the command executor offers to those that grant through it. */
export interface Commands {
  execute(binding: DecideBinding, call: CommandCall): Promise<CommandResult | Rejection>;
  rehearse(binding: DecideBinding, call: CommandCall): Promise<Rejection | 'repeat' | null>;
}

/** Grants by commands on streams. */
export class StreamGranter implements Granter {
  constructor(
    private readonly commands: Commands,
    private readonly of: GrantingAggregate,
  ) {}

  hold: Granter['hold'] = (what, hold, by) =>
    this.commands.execute(this.of.binding, callOf(this.of.hold, { ...what, hold }, by));

  async check(what: What, hold: HoldRequest, by: HoldCaller): Promise<Rejection | null> {
    const outcome = await this.commands.rehearse(this.of.binding, callOf(this.of.hold, { ...what, hold }, by));
    return isRejection(outcome) ? outcome : null;
  }

  confirm: Granter['confirm'] = async (what, { name }, by) =>
    mustBeAccepted(await this.commands.execute(this.of.binding, callOf(this.of.confirm, { ...what, name }, by)));

  release: Granter['release'] = async (what, hold, reason, by) =>
    mustBeAccepted(
      await this.commands.execute(this.of.binding, callOf(this.of.release, { ...what, ...hold, reason }, by)),
    );
}

/** A command of its own each time: what makes it idempotent is the name of the hold in the state. */
function callOf(operation: CommandOperation, input: Record<string, unknown>, by: HoldCaller): CommandCall {
  const commandId = newId();
  return { operation, input, ...by, commandId, newId: commandId, expectedVersion: null };
}

function mustBeAccepted(outcome: CommandResult | Rejection): void {
  if (isRejection(outcome)) throw new Error(`A hold could be neither confirmed nor released: ${outcome.message}`);
}
