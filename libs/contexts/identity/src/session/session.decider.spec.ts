import { expectGolden } from '@daybook/event-store/testing/golden';
import { deciding, outcome } from '@daybook/projections/testing/given';
import { failedSignInDecider } from './failed-sign-in.decider.js';
import { sessionDecider } from './session.decider.js';
import { sessionEnded, type SessionEvent, sessionOpened, signInFailed } from './session.events.js';
import type { SessionCommand } from './session.internal.js';
import { endReason, signInMethod } from './session.schema.js';

const sessionId = '0190a1b2-0000-7000-8000-0000000000f1';
const personId = '0190a1b2-0000-7000-8000-0000000000c1';
const until = '2026-12-21T12:00:00.000Z';
const begun = { sessionId, personId, methods: ['password' as const], device: 'Firefox on Linux', until };
const opened = sessionOpened.of(begun);
const ended = sessionEnded.of({ sessionId, personId, reason: 'signed-out' });

const begin: SessionCommand = { name: 'identity.session.begin', input: begun };
const finish: SessionCommand = { name: 'identity.session.finish', input: { sessionId, reason: 'signed-out' } };
const decisions = deciding(sessionDecider, { actor: personId });
const given = (...events: SessionEvent[]) => ({
  when: (command: SessionCommand) => outcome(decisions.given(...events).whenSent(command)),
});

describe('a session', () => {
  it('is opened once', () => {
    expect(given().when(begin)).toEqual([opened]);
    expect(given(opened).when(begin)).toEqual([]);
    expect(given(opened, ended).when(begin)).toBe('identity.session-ended');
  });

  it('ends once, for the first reason', () => {
    expect(given().when(finish)).toBe('identity.session-not-found');
    expect(given(opened).when(finish)).toEqual([ended]);
    expect(given(opened, ended).when(finish)).toEqual([]);
  });

  it('keeps the stored format of its events: no token, no address', () => {
    expectGolden(sessionOpened, [begun, { ...begun, methods: signInMethod.options }]);
    expectGolden(
      sessionEnded,
      endReason.options.map((reason) => ({ sessionId, personId, reason })),
    );
  });
});

describe('failed sign-ins', () => {
  const input = { identifier: 'q8mVd0', masked: 'k•••@•••', minute: '2026-11-21T12:00:00Z', count: 7 };

  it('are recorded as they were counted', () => {
    const { given, fold } = deciding(failedSignInDecider);
    expect(outcome(given().when('identity.sign-in.record-failures', input))).toEqual([signInFailed.of(input)]);
    expect(fold([signInFailed.of(input)])).toBeNull();
    expectGolden(signInFailed, [input]);
  });
});
