import { type DecideContext, type HoldRequest, isRejection } from '@daybook/kernel';
import { numberConfirmed, type NumberEvent, numberHeld, numberRecordId, numberVoided } from './hold.events.js';
import { confirmNumber, holdNumber, type NumberCommand, releaseNumber } from './hold.internal.js';
import { numberDecider, numberIn } from './number.decider.js';

const id = (n: number): string => `0199f3a0-0000-7000-8000-${String(n).padStart(12, '0')}`;
const series = { series: 'trade.quote', companyId: null, period: '2026' };
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
const request = (name: number, revision = -1): HoldRequest => ({
  name: id(name),
  step: { stream: 's', revision, commandId: id(9) },
});
const held = (number: number, name: number, revision = -1): NumberEvent =>
  numberHeld.of({ ...series, number, ...request(name, revision), heldAt });
const confirmed = (number: number, name: number): NumberEvent =>
  numberConfirmed.of({ ...series, number, name: id(name) });
const voided = (number: number, name: number): NumberEvent =>
  numberVoided.of({ ...series, number, name: id(name), reason: 'Refused.' });

const given = (...events: NumberEvent[]) => {
  const state = events.reduce((s, e, revision) => numberDecider.evolve(s, e, { revision }), numberDecider.initial);
  const decide = (command: NumberCommand) => {
    const decision = numberDecider.decide(command, state, context as DecideContext, undefined);
    if (isRejection(decision)) throw new Error(decision.message);
    return { events: decision.events, number: numberIn(decision), version: decision.version };
  };
  return {
    hold: (name: number, revision = -1) =>
      decide({ name: holdNumber.name, input: { ...series, hold: request(name, revision) } }),
    confirm: (name: number) => decide({ name: confirmNumber.name, input: { ...series, name: id(name) } }),
    release: (name: number, revision = -1) =>
      decide({ name: releaseNumber.name, input: { ...series, ...request(name, revision), reason: 'Refused.' } }),
  };
};

describe('a number series', () => {
  it('counts from 1, without waiting for numbers whose outcome is not known', () => {
    expect(given().hold(1)).toEqual({ events: [held(1, 1)], number: 1, version: 1 });
    expect(given(held(1, 1)).hold(2)).toEqual({ events: [held(2, 2)], number: 2, version: 1 });
    expect(given(held(1, 1), held(2, 2), confirmed(2, 2)).hold(3).number).toBe(3);
  });

  it('answers a hold of the same name with the same number, and moves it with its step', () => {
    expect(given(held(1, 1), held(2, 2)).hold(1)).toEqual({ events: [], number: 1, version: 1 });
    expect(given(held(1, 1), held(2, 2)).hold(1, 4)).toEqual({ events: [held(1, 1, 4)], number: 1, version: 2 });
    expect(given(held(1, 1), held(1, 1, 4)).hold(3).number).toBe(2);
  });

  it('confirms a number once', () => {
    expect(given(held(1, 1)).confirm(1)).toEqual({ events: [confirmed(1, 1)], number: 1, version: 2 });
    expect(given(held(1, 1), confirmed(1, 1)).confirm(1).events).toEqual([]);
    expect(given().confirm(1).events).toEqual([]);
  });

  it('voids a number that is released, with the reason, and never gives it again', () => {
    expect(given(held(1, 1)).release(1).events).toEqual([voided(1, 1)]);
    expect(given(held(1, 1), voided(1, 1)).hold(1).number).toBe(2);
    expect(given(held(1, 1), held(2, 2), voided(1, 1)).hold(3).number).toBe(3);
  });

  it('does not void a number that was confirmed, or that is held for a later step now', () => {
    expect(given(held(1, 1), confirmed(1, 1)).release(1).events).toEqual([]);
    expect(given(held(1, 1, 4)).release(1, -1).events).toEqual([]);
  });

  it('names each number as a record of its own', () => {
    expect(numberRecordId({ ...series, number: 7 })).toBe('trade.quote/2026/7');
    expect(numberRecordId({ ...series, companyId: id(5), period: '', number: 7 })).toBe(`trade.quote/${id(5)}/7`);
  });
});
