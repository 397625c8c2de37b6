import {
  type Act,
  type CallOf,
  carryOut,
  type CommandOperation,
  type Process,
  processDue,
  react,
  type Reacted,
  type RecordedEvent,
  type Rejection,
} from '@daybook/kernel';
import { recorded } from './given.js';

/*
 * Processes as pure functions, for `*.process.spec.ts`: given events, when one more comes, then these commands.
 *
 *   expect(given(accessReview, started).when(decided)).toEqual([sent('revoke', revokeGrant, { grantId, reason })]);
 *   expect(given(accessReview, started).when(decided, { revoke: reject('identity.last-admin', '…') })).toEqual([…]);
 */
export type Sent =
  | { readonly step: string; readonly operation: string; readonly input: unknown }
  | { readonly step: string; readonly at: string };

export const sent = <O extends CommandOperation>(step: string, { name }: O, input: CallOf<O>): Sent => ({
  step,
  operation: name,
  input,
});
export const waits = (step: string, at: string): Sent => ({ step, at });

/** An event by which time reaches a process. */
export const due = ({ name }: Process, instance: string, step: string, dueAt = '2026-04-07T12:00:00.000Z') =>
  recorded(processDue, { process: name, instance, step, dueAt });

export const given = (process: Process, ...past: readonly RecordedEvent[]) => ({
  /** `rejections` by step: what commands are rejected with. Throws StepRejected for one that the process does not name. */
  when: (event: RecordedEvent, rejections: Readonly<Record<string, Rejection>> = {}): Sent[] => {
    const states = new Map<string, unknown>();
    const handle = (one: RecordedEvent): Reacted[] => {
      const reacted = react(process, one, (instance) => states.get(instance));
      for (const { instance, state } of reacted) states.set(instance, state);
      return reacted;
    };
    for (const before of past) handle(before);
    return handle(event).flatMap(({ steps }) => {
      const acts: Sent[] = [];
      const going = carryOut(steps);
      for (let next = going.next(null); !next.done;) {
        acts.push(shown(next.value));
        next = going.next(rejections[next.value.name] ?? null);
      }
      return acts;
    });
  },
});

const shown = (act: Act): Sent =>
  act.kind === 'due-at' ? waits(act.name, act.at) : { step: act.name, operation: act.operation.name, input: act.input };
