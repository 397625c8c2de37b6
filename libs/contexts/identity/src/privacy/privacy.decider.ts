import {
  accept,
  assertNever,
  type DecideContext,
  type Decider,
  type Decision,
  type PlainDate,
  reject,
} from '@daybook/kernel';
import {
  erasureBegun,
  erasureFinished,
  type PrivacyEvent,
  retentionLifted,
  retentionSet,
  aliasErased,
} from './privacy.events.js';
import type { PrivacyCommand } from './privacy.internal.js';

/*
 * Invariants: a tenant erases only its own data, of former members, and not during a retention. An erasure that has begun
 * only goes forward and finishes once, and no retention is set meanwhile; asked for again, it begins again. What follows
 * is the process's (person-erasure.process.ts). Data of other tenants neither prevents it nor is
 * touched (docs/adr/0027).
 */
export interface Retention {
  readonly reason: string;
  readonly until: PlainDate;
}
export interface PrivacyState {
  readonly status: 'kept' | 'begun' | 'finished';
  readonly retention: Retention | null;
  /** Aliases that are erased with the person. */
  readonly aliases: readonly string[];
  readonly version: number;
}
export interface PrivacyFacts {
  /** In this tenant; a person who was only invited has none. */
  readonly membership: 'none' | 'active' | 'deactivated';
  /** Aliases of the person, for an erasure that begins. */
  readonly aliases?: readonly string[];
}

/** Active until the end of its last day. */
export const isRetainedOn = (retention: Retention | null, day: PlainDate): boolean =>
  retention !== null && retention.until >= day;

type Erase = Extract<PrivacyCommand, { name: 'identity.person.erase' }>;

function erase(
  command: Erase,
  state: PrivacyState,
  context: DecideContext,
  facts: PrivacyFacts,
): Decision<PrivacyEvent> {
  const { personId } = command.input;
  const aliases = [...new Set([...state.aliases, ...(facts.aliases ?? [])])];
  const begun = accept(personId, state.version + 1, erasureBegun.of({ ...command.input, aliases }));
  if (state.status === 'finished') return reject('identity.person-erased', 'This person was already erased.');
  if (state.status !== 'kept') return begun;
  if (facts.membership === 'active') {
    return reject(
      'identity.member-active',
      'This person is an active member. Deactivate them first, then erase them.',
      {
        details: { before: 'identity.member.deactivate' },
      },
    );
  }
  const day = context.now.slice(0, 10);
  if (state.retention && isRetainedOn(state.retention, day)) {
    const { reason, until } = state.retention;
    return reject('identity.retention-active', `The data must be kept until ${until}: ${reason}`, {
      details: { reason, until, before: 'identity.retention.lift' },
    });
  }
  return begun;
}

export const privacyDecider: Decider<PrivacyState, PrivacyCommand, PrivacyEvent, PrivacyFacts> = {
  initial: { status: 'kept', retention: null, aliases: [], version: 0 },

  decide(command, state, context, facts) {
    if (command.name === 'identity.alias.erase') {
      const { subject } = command.input;
      return state.status === 'finished'
        ? accept(subject, state.version)
        : accept(subject, state.version + 1, aliasErased.of(command.input));
    }
    const { personId } = command.input;
    if (facts.membership === 'none' && state.version === 0) {
      return reject('identity.member-not-found', 'There is no such person here.', { status: 404 });
    }
    switch (command.name) {
      case 'identity.retention.set':
        if (state.status !== 'kept')
          return reject(
            'identity.person-erased',
            'The personal data is being erased or is gone, so it cannot be retained.',
          );
        if (command.input.until < context.now.slice(0, 10)) {
          return reject(
            'identity.retention-date-invalid',
            'The last day of the retention has passed. Give a day in the future.',
            {
              errors: [{ pointer: '/until', code: 'invalid', message: 'Give a day in the future.' }],
            },
          );
        }
        return accept(personId, state.version + 1, retentionSet.of(command.input));
      case 'identity.retention.lift':
        return state.retention === null
          ? reject('identity.retention-not-found', 'No retention is set for this person.', { status: 404 })
          : accept(personId, state.version + 1, retentionLifted.of(command.input));
      case 'identity.person.erase':
        return erase(command, state, context, facts);
      case 'identity.erasure.finish':
        if (state.status === 'kept')
          return reject('identity.erasure-not-begun', 'The erasure of this person has not begun.');
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
        return { ...state, status: 'begun', aliases: event.data.aliases ?? [], version };
      case 'identity.erasure-finished':
      case 'identity.alias-erased':
        return { ...state, status: 'finished', version };
      default:
        return assertNever(event);
    }
  },
};
