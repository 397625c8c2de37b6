import { type DecideContext, type HoldRequest, holdInTheWay, isRejection } from '@daybook/kernel';
import { type ReservationEvent, reservationConfirmed, reservationHeld, reservationReleased } from './hold.events.js';
import { confirmReservation, holdReservation, releaseReservation, type ReservationCommand } from './hold.internal.js';
import { ownerIn, reservationDecider } from './reservation.decider.js';

const id = (n: number): string => `0199f3a0-0000-7000-8000-${String(n).padStart(12, '0')}`;
const of = { reservationId: id(1), field: 'crm.contact.code' };
const heldAt = '2026-03-31T12:00:00.000Z';
const context = {
  now: heldAt,
  tenant: 't',
  actor: 'a',
  commandId: 'c',
  newId: 'n',
  expectedVersion: null,
  reason: null,
};
const request = (name: number, revision = 0): HoldRequest => ({
  name: id(name),
  step: { stream: 's', revision, commandId: id(9) },
});
const held = (owner: string, purpose: 'take' | 'leave', hold = request(10)): ReservationEvent =>
  reservationHeld.of({ ...of, owner, purpose, ...hold, heldAt });
const confirmed = (name = 10): ReservationEvent => reservationConfirmed.of({ ...of, name: id(name) });
const released = (name = 10): ReservationEvent => reservationReleased.of({ ...of, name: id(name), reason: 'So.' });

const given = (...events: ReservationEvent[]) => {
  const state = events.reduce(
    (s, e, revision) => reservationDecider.evolve(s, e, { revision }),
    reservationDecider.initial,
  );
  const decide = (command: ReservationCommand) =>
    reservationDecider.decide(command, state, context as DecideContext, undefined);
  const ofOwner = { ...of, owner: 'ola', purpose: 'take' as const };
  return {
    state,
    hold: (owner: string, purpose: 'take' | 'leave', hold = request(20)) =>
      decide({ name: holdReservation.name, input: { ...of, owner, purpose, hold } }),
    confirm: (name: number) => decide({ name: confirmReservation.name, input: { ...ofOwner, name: id(name) } }),
    release: (name: number, revision = 0) =>
      decide({ name: releaseReservation.name, input: { ...ofOwner, ...request(name, revision), reason: 'So.' } }),
  };
};
const changes = (decision: ReturnType<ReturnType<typeof given>['confirm']>): readonly ReservationEvent[] => {
  if (isRejection(decision)) throw new Error(decision.message);
  return decision.events;
};
const taken = [held('ola', 'take'), confirmed()];

describe('the reservation of a value', () => {
  it('is held for who takes it, and theirs once it is confirmed', () => {
    expect(changes(given().hold('ola', 'take'))).toEqual([held('ola', 'take', request(20))]);
    expect(given(held('ola', 'take')).state).toMatchObject({ owner: null, open: { owner: 'ola', purpose: 'take' } });
    expect(given(...taken).state).toMatchObject({ owner: 'ola', open: null, version: 2 });
  });

  it('is refused to others with the owner, and unchanged for the owner', () => {
    const refused = given(...taken).hold('kari', 'take');
    expect(isRejection(refused) && ownerIn(refused)).toBe('ola');
    expect(changes(given(...taken).hold('ola', 'take'))).toEqual([]);
  });

  it('is left by its owner alone, and free once that is confirmed', () => {
    expect(changes(given(...taken).hold('ola', 'leave'))).toEqual([held('ola', 'leave', request(20))]);
    expect(changes(given(...taken).hold('kari', 'leave'))).toEqual([]);
    expect(given(...taken, held('ola', 'leave'), confirmed()).state).toMatchObject({ owner: null, open: null });
    expect(given(...taken, held('ola', 'leave'), released()).state).toMatchObject({ owner: 'ola', open: null });
  });

  it('is in the way of every other hold while the outcome of one is not known', () => {
    for (const purpose of ['take', 'leave'] as const) {
      const decision = given(...taken, held('ola', 'leave')).hold('ola', purpose);
      expect(isRejection(decision) && holdInTheWay(decision)).toMatchObject({ ...request(10), heldAt });
    }
  });

  it('answers a hold of the same name again, and moves it when its step is tried at another revision', () => {
    expect(changes(given(held('ola', 'take')).hold('ola', 'take', request(10)))).toEqual([]);
    const moved = held('ola', 'take', request(10, 3));
    expect(changes(given(held('ola', 'take')).hold('ola', 'take', request(10, 3)))).toEqual([moved]);
    expect(given(held('ola', 'take'), moved).state.open?.step.revision).toBe(3);
  });

  it('is confirmed and released by the name of the hold, and released for the step that it is for now alone', () => {
    const { confirm, release } = given(held('ola', 'take', request(10, 3)));
    expect(changes(confirm(10))).toEqual([confirmed()]);
    expect(changes(release(10, 3))).toEqual([released()]);
    expect([changes(confirm(20)), changes(release(20, 3)), changes(release(10, 0))]).toEqual([[], [], []]);
    expect([changes(given().confirm(10)), changes(given(...taken).release(10))]).toEqual([[], []]);
  });
});
