import { failedSignInDecider } from './failed-sign-in.decider.js';
import { signInFailed } from './session.events.js';
import { recordFailedSignIns } from './session.internal.js';

const failed = { identifier: 'hmac-of-an-address', masked: 'k…@fjord.example', minute: '2026-03-31T12:00:00.000Z', count: 3 }; // prettier-ignore
const context = { now: '2026-03-31T12:01:00.000Z', tenant: 't', actor: 'sign-in', commandId: 'c', newId: 'n', expectedVersion: null, reason: null }; // prettier-ignore
const decide = (count: number) =>
  failedSignInDecider.decide({ name: recordFailedSignIns.name, input: { ...failed, count } }, failedSignInDecider.initial, context, undefined); // prettier-ignore

describe('failed sign-ins', () => {
  it('are recorded once a minute with their count, under the hash of the address', () => {
    expect(decide(3)).toMatchObject({ id: failed.identifier, version: 1, events: [signInFailed.of(failed)] });
  });

  it('are recorded whatever was recorded before', () => {
    const state = failedSignInDecider.evolve(failedSignInDecider.initial, signInFailed.of(failed), { revision: 0 });
    expect(state).toEqual(failedSignInDecider.initial);
    expect(decide(1)).toMatchObject({ events: [{ data: { count: 1 } }] });
  });
});
