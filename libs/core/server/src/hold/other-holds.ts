import type { HoldRequest, OpenHold } from '@daybook/kernel';
import type { Caller } from '../binding.js';
import type { HoldCaller } from './granters.js';
import type { GrantingAggregate } from './granting.js';
import type { StepOutcome } from './steps.js';
import type { Want } from './wants.js';

/**
 * How old a hold of unknown outcome must be before others settle it; until then its command is most likely still running.
 * Longer where it is in nobody's way. No more than politeness: a command that is overtaken is decided again.
 */
export interface Patience {
  readonly inTheWayMs: number;
  readonly elsewhereMs: number;
}
export const patience: Patience = { inTheWayMs: 1_000, elsewhereMs: 60_000 };

export interface OtherHoldsOptions {
  readonly steps: {
    outcome(hold: HoldRequest): Promise<StepOutcome>;
    abandon(hold: HoldRequest, by: HoldCaller): Promise<StepOutcome>;
  };
  /** The state of a granting aggregate as it was decided on last; undefined where it is not in memory. */
  readonly stateOf: (of: GrantingAggregate, what: Readonly<Record<string, unknown>>, caller: Caller) => unknown;
  readonly now: () => Date;
  readonly patience: Patience;
}

/** Settles holds of other commands that are in the way, in the name of the system and not of the person who met them. */
export class OtherHolds {
  private readonly by: HoldCaller;

  constructor(
    private readonly options: OtherHoldsOptions,
    private readonly meeting: HoldCaller,
  ) {
    const { tenant, correlationId } = meeting.caller;
    const system = { tenant, correlationId, actor: { kind: 'system', id: 'holds' }, channel: 'system' } as const;
    this.by = { ...meeting, caller: { ...system, address: null, reason: null } };
  }

  /** Confirms or releases a hold, by whether its step was taken; false while that may still be. */
  async settle({ from, what }: Want, hold: OpenHold): Promise<boolean> {
    const { steps, patience: of } = this.options;
    let outcome = await steps.outcome(hold);
    if (outcome === 'open') {
      if (this.ageOf(hold) < of.inTheWayMs) return false;
      outcome = await steps.abandon(hold, this.by);
    }
    if (outcome === 'taken') await from.confirm(what, hold, this.by);
    else await from.release(what, hold, 'The command that held it was never finished.', this.by);
    return true;
  }

  /** Settles what a crash left where it is in nobody's way. */
  async settleElsewhere(want: Want): Promise<void> {
    const { aggregate, what } = want;
    if (!aggregate?.openHolds) return;
    const state = this.options.stateOf(aggregate, what, this.meeting.caller);
    if (state === undefined) return;
    for (const hold of [...aggregate.openHolds(state)]) {
      if (this.ageOf(hold) >= this.options.patience.elsewhereMs) await this.settle(want, hold);
    }
  }

  private ageOf({ heldAt }: OpenHold): number {
    return this.options.now().getTime() - Date.parse(heldAt);
  }
}
