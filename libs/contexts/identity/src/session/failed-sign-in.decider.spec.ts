import { deciding } from '@daybook/projections/testing/given';
import { failedSignInDecider } from './failed-sign-in.decider.js';
import { signInFailed } from './session.events.js';
import { recordFailedSignIns } from './session.internal.js';

const failed = { identifier: 'hmac-of-an-address', masked: 'k…@fjord.example', minute: '2026-03-31T12:00:00.000Z', count: 3 }; // prettier-ignore
const { given, fold } = deciding(failedSignInDecider);
const decide = (count: number) => given().when(recordFailedSignIns.name, { ...failed, count });

describe('failed sign-ins', () => {
  it('are recorded once a minute with their count, under the hash of the address', () => {
    expect(decide(3)).toMatchObject({ id: failed.identifier, version: 1, events: [signInFailed.of(failed)] });
  });

  it('are recorded whatever was recorded before', () => {
    expect(fold([signInFailed.of(failed)])).toEqual(failedSignInDecider.initial);
    expect(decide(1)).toMatchObject({ events: [{ data: { count: 1 } }] });
  });
});
