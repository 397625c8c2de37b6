import {
  accept,
  assertNever,
  type DecideContext,
  type Decider,
  type Decision,
  type PlainDate,
  reject,
} from '@daybook/kernel';
import { erasureBegun, erasureFinished, type PrivacyEvent, retentionLifted, retentionSet } from './privacy.events.js';
import type { PrivacyCommand } from './privacy.operations.js';

/*
 * Invariants: nobody is erased while a duty to keep his data holds, here or in another tenant, nor while he works anywhere;
 * an erasure that has begun only goes forward, and is finished once; no duty is set on somebody who is being erased.
 */
export interface Retention {
  readonly reason: string;
  readonly until: PlainDate;
}
export interface PrivacyState {
  readonly status: 'kept' | 'begun' | 'finished';
  readonly retention: Retention | null;
  readonly version: number;
}
export interface PrivacyFacts {
  /** In this tenant; an invited person has no membership yet. */
  readonly membership: 'none' | 'invited' | 'active' | 'deactivated';
  /** An active member of another tenant. */
  readonly worksElsewhere: boolean;
  /** The longest duty to keep that another tenant has set. */
  readonly keptElsewhereUntil: PlainDate | null;
}

/** Until the end of its last day. */
export const holdsOn = (retention: Retention | null, day: PlainDate): boolean =>
  retention !== null && retention.until >= day;

type Begin = Extract<PrivacyCommand, { name: 'identity.erasure.begin' }>;

function begin(
  command: Begin,
  state: PrivacyState,
  context: DecideContext,
  facts: PrivacyFacts,
): Decision<PrivacyEvent> {
  const { personId } = command.input;
  if (state.status === 'finished') return reject('identity.person-erased', 'This person was erased already.');
  if (state.status === 'begun') return accept(personId, state.version);
  if (facts.membership === 'active') {
    return reject('identity.member-active', 'This person still works here. Deactivate him first, then erase him.', {
      details: { before: 'identity.member.deactivate' },
    });
  }
  if (facts.worksElsewhere) {
    return reject(
      'identity.member-elsewhere',
      'This person also works in another tenant, which must let him go first.',
    );
  }
  const day = context.now.slice(0, 10);
  if (state.retention && holdsOn(state.retention, day)) {
    const { reason, until } = state.retention;
    return reject('identity.retention-holds', `The data must be kept until ${until}: ${reason}`, {
      details: { reason, until, before: 'identity.retention.lift' },
    });
  }
  if (facts.keptElsewhereUntil !== null && facts.keptElsewhereUntil >= day) {
    const until = facts.keptElsewhereUntil;
    return reject('identity.retention-elsewhere', `Another tenant must keep the data until ${until}.`, {
      details: { until },
    });
  }
  return accept(personId, state.version + 1, erasureBegun.of(command.input));
}

export const privacyDecider: Decider<PrivacyState, PrivacyCommand, PrivacyEvent, PrivacyFacts> = {
  initial: { status: 'kept', retention: null, version: 0 },

  decide(command, state, context, facts) {
    const { personId } = command.input;
    if (facts.membership === 'none' && state.version === 0) {
      return reject('identity.member-missing', 'There is no such person here.', { status: 404 });
    }
    switch (command.name) {
      case 'identity.retention.set':
        if (state.status !== 'kept') return reject('identity.person-erased', 'There is nothing left to keep.');
        if (command.input.until < context.now.slice(0, 10)) {
          return reject('identity.retention-past', 'The last day of the duty has passed. Give a later one.', {
            errors: [{ pointer: '/until', code: 'past', message: 'Give a day that is still to come.' }],
          });
        }
        return accept(personId, state.version + 1, retentionSet.of(command.input));
      case 'identity.retention.lift':
        return state.retention === null
          ? reject('identity.retention-missing', 'No duty to keep his data is set.', { status: 404 })
          : accept(personId, state.version + 1, retentionLifted.of(command.input));
      case 'identity.erasure.begin':
        return begin(command, state, context, facts);
      case 'identity.erasure.finish':
        if (state.status === 'kept') return reject('identity.erasure-missing', 'No erasure has begun.');
        return state.status === 'finished'
          ? accept(personId, state.version)
          : accept(personId, state.version + 1, erasureFinished.of(command.input));
      default:
        return assertNever(command);
    }
  },

  evolve(state, event) {
    const version = state.version + 1;
    switch (event.type) {
      case 'identity.retention-set':
        return { ...state, retention: { reason: event.data.reason, until: event.data.until }, version };
      case 'identity.retention-lifted':
        return { ...state, retention: null, version };
      case 'identity.erasure-begun':
        return { ...state, status: 'begun', version };
      case 'identity.erasure-finished':
        return { ...state, status: 'finished', version };
      default:
        return assertNever(event);
    }
  },
};
