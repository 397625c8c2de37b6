import { accept, assertNever, type Decider, type Decision, isSameStep, type OpenHold } from '@daybook/kernel';
import { numberConfirmed, type NumberEvent, numberHeld, numberRecordId, numberVoided } from './hold.events.js';
import type { NumberCommand } from './hold.internal.js';

/*
 * One period of a number series. Invariants: each number from 1 to the last is held, given or voided with a reason, and given
 * once. Holds do not wait for each other.
 */
export interface SeriesState {
  readonly last: number;
  /** By name. */
  readonly open: ReadonlyMap<string, OpenHold & { readonly number: number; readonly version: number }>;
}

/** The number in the answer to a hold. */
export const numberIn = ({ id }: { readonly id: string }): number => Number(id.slice(id.lastIndexOf('/') + 1));

export const numberDecider: Decider<SeriesState, NumberCommand, NumberEvent> = {
  initial: { last: 0, open: new Map() },

  decide(command, { last, open }, { now }): Decision<NumberEvent> {
    const { series, companyId, period } = command.input;
    const found = open.get(command.name === 'platform.number.hold' ? command.input.hold.name : command.input.name);
    const number = found?.number ?? last + 1;
    const of = { series, companyId, period, number };
    const version = found?.version ?? 0;
    const unchanged = accept<NumberEvent>(numberRecordId(of), version);
    const changed = (event: NumberEvent) => accept(numberRecordId(of), version + 1, event);
    switch (command.name) {
      case 'platform.number.hold': {
        const { hold } = command.input;
        return found && isSameStep(found, hold) ? unchanged : changed(numberHeld.of({ ...of, ...hold, heldAt: now }));
      }
      case 'platform.number.confirm':
        return found ? changed(numberConfirmed.of({ ...of, name: found.name })) : unchanged;
      case 'platform.number.release':
        return found && isSameStep(found, command.input)
          ? changed(numberVoided.of({ ...of, name: found.name, reason: command.input.reason }))
          : unchanged;
      default:
        return assertNever(command);
    }
  },

  evolve({ last, open }, event) {
    const after = new Map(open);
    switch (event.type) {
      case 'platform.number-held': {
        const { name, step, heldAt, number } = event.data;
        after.set(name, { name, step, heldAt, number, version: (open.get(name)?.version ?? 0) + 1 });
        return { last: Math.max(last, number), open: after };
      }
      case 'platform.number-confirmed':
      case 'platform.number-voided':
        after.delete(event.data.name);
        return { last, open: after };
      default:
        return assertNever(event);
    }
  },
};
