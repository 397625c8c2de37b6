import type { EventCatalogue, EventStore } from '@daybook/event-store';
import {
  type CommandOf,
  type Decider,
  eventIdOf,
  type EventOf,
  type HoldRequest,
  newId,
  reject,
  streamName,
} from '@daybook/kernel';
import { decide } from '../binding.js';
import { eventMetaOf } from '../command/event-meta.js';
import type { HoldCaller } from './granters.js';
import { stepAbandoned } from './hold.events.js';
import { abandonStep } from './hold.internal.js';

const neverSent: Decider<null, CommandOf<typeof abandonStep>, EventOf<typeof stepAbandoned>> = {
  initial: null,
  decide: () => reject('platform.internal-command', 'A step is given up by the command that meets its hold.'),
  evolve: () => null,
};
/** Tells the trail what its event says. It is appended below, without reading the stream that it ends a step of. */
export const stepBinding = decide({
  operations: [abandonStep],
  decider: neverSent,
  events: [stepAbandoned],
  stream: (_, { tenant }) => streamName('platform.step', tenant, tenant),
});

/** `open`: nothing stands where the step would be. */
export type StepOutcome = 'taken' | 'failed' | 'open';

/** Tells whether a step that something is held for was taken, and sees to it that an abandoned one no longer can be. */
export class Steps {
  constructor(
    private readonly store: Pick<EventStore, 'append' | 'readStream' | 'lastRevisions'>,
    private readonly catalogue: Pick<EventCatalogue, 'toStore'>,
  ) {}

  /** The step is appended at exactly its revision: the next event of the stream uses the hold, or none ever will. */
  async outcome({ name, step: { stream, revision } }: HoldRequest): Promise<StepOutcome> {
    for await (const { meta } of this.store.readStream(stream, { from: revision + 1, limit: 1 })) {
      return meta.holds?.includes(name) ? 'taken' : 'failed';
    }
    return 'open';
  }

  /**
   * Ends an open step: an event after which it cannot be appended as it was decided. Its command, if it is still running,
   * is decided again, and asks for its holds again. The answer is never `open`.
   */
  async abandon(hold: HoldRequest, by: HoldCaller): Promise<StepOutcome> {
    const { name, step } = hold;
    const event = stepAbandoned.of({ commandId: step.commandId, hold: name });
    for (;;) {
      const outcome = await this.outcome(hold);
      if (outcome !== 'open') return outcome;
      const [last = -1] = await this.store.lastRevisions([step.stream]);
      // Taken just now, or passed: what stands there says which.
      if (last > step.revision) continue;
      const cause = { operation: abandonStep, commandId: newId(), ...by };
      const record = { ...stepAbandoned.record(event.data), version: 1 };
      const meta = eventMetaOf(
        cause,
        { declaration: stepAbandoned, data: event.data },
        { index: 0, count: 1, inputHmac: '', record },
      );
      const stored = await this.catalogue.toStore(eventIdOf(cause.commandId, step.stream, 0), event, meta);
      const appended = await this.store.append(step.stream, last < 0 ? 'none' : last, [stored]);
      if (appended.kind === 'appended') return 'failed';
    }
  }
}
