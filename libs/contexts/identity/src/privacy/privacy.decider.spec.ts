import { deciding, versioned } from '@daybook/projections/testing/given';
import { isRetainedOn, privacyDecider, type PrivacyFacts } from './privacy.decider.js';
import {
  erasureBegun,
  erasureFinished,
  type PrivacyEvent,
  retentionLifted,
  retentionSet,
  aliasErased,
} from './privacy.events.js';
import type { PrivacyCommand } from './privacy.internal.js';
import { ranges } from './position-ranges.js';

const personId = '0190a1b2-0000-7000-8000-0000000000c1';
const receipt = { personId, positions: ['3', '7-9'], events: 4, places: [{ place: 'identity.credentials', count: 1 }] };
const duty = { personId, reason: 'Payroll', until: '2026-12-31' };
const events = {
  set: retentionSet.of(duty),
  lifted: retentionLifted.of({ personId, reason: 'Closed' }),
  begun: erasureBegun.of({ personId, reason: 'Asked', aliases: ['0190a1b2-0000-7000-8000-0000000000c2'] }),
  finished: erasureFinished.of(receipt),
};
const set: PrivacyCommand = { name: 'identity.retention.set', input: duty };
const lift: PrivacyCommand = { name: 'identity.retention.lift', input: { personId, reason: 'Closed' } };
const alias = '0190a1b2-0000-7000-8000-0000000000c2';
const begin: PrivacyCommand = { name: 'identity.person.erase', input: { personId, reason: 'Asked' } };
const eraseAlias: PrivacyCommand = { name: 'identity.alias.erase', input: { subject: alias, reason: 'Asked' } };
const finish: PrivacyCommand = { name: 'identity.erasure.finish', input: receipt };
const left: PrivacyFacts = { membership: 'deactivated', aliases: [alias] };

const decisions = deciding(privacyDecider);
const given = (...past: PrivacyEvent[]) => ({
  when: (command: PrivacyCommand, facts: PrivacyFacts = left, now = '2026-06-01T10:00:00Z') =>
    versioned(decisions.given(...past).whenSent(command, { now, facts })),
});

describe("what a tenant decides about a person's data", () => {
  it('is refused for a person who was never a member', () => {
    const nobody: PrivacyFacts = { ...left, membership: 'none' };
    for (const command of [set, lift, begin, finish]) {
      expect(given().when(command, nobody)).toBe('identity.member-not-found');
    }
  });

  it('sets a retention duty, replaces it and lifts it', () => {
    expect(given().when(set)).toEqual({ version: 1, events: [events.set] });
    expect(given(events.set).when(set)).toEqual({ version: 2, events: [events.set] });
    expect(given(events.set).when(lift)).toEqual({ version: 2, events: [events.lifted] });
    expect(given().when(lift)).toBe('identity.retention-not-found');
    expect(given(events.set, events.lifted).when(lift)).toBe('identity.retention-not-found');
    expect(given().when(set, left, '2027-01-01T00:00:00Z')).toBe('identity.retention-date-invalid');
  });

  it('does not erase an active member, or a person under a retention duty', () => {
    expect(given().when(begin)).toEqual({ version: 1, events: [events.begun] });
    expect(given().when(begin, { ...left, membership: 'active' })).toBe('identity.member-active');
    expect(given(events.set).when(begin)).toBe('identity.retention-active');
    expect(given(events.set).when(begin, left, '2026-12-31T23:59:59Z')).toBe('identity.retention-active');
    expect(given(events.set).when(begin, left, '2027-01-01T00:00:00Z')).toEqual({ version: 2, events: [events.begun] });
    expect(given(events.set, events.lifted).when(begin)).toEqual({ version: 3, events: [events.begun] });
  });

  it('begins again when asked again, whatever has changed, and finishes once', () => {
    expect(given(events.begun).when(begin, { membership: 'active' })).toEqual({ version: 2, events: [events.begun] });
    expect(given(events.begun).when(set)).toBe('identity.person-erased');
    expect(given().when(finish)).toBe('identity.erasure-not-begun');
    expect(given(events.begun).when(finish)).toEqual({ version: 2, events: [events.finished] });
    expect(given(events.begun, events.finished).when(finish)).toEqual({ version: 2, events: [] });
    expect(given(events.begun, events.finished).when(begin)).toBe('identity.person-erased');
    expect(given(events.begun, events.finished).when(set)).toBe('identity.person-erased');
  });

  it('erases an alias once', () => {
    const erased = aliasErased.of({ subject: alias, reason: 'Asked' });
    expect(given().when(eraseAlias, { membership: 'none' })).toEqual({ version: 1, events: [erased] });
    expect(given(erased).when(eraseAlias, { membership: 'none' })).toEqual({ version: 1, events: [] });
  });

  it('keeps a retention duty active to the end of its last day', () => {
    expect(isRetainedOn({ reason: 'x', until: '2026-12-31' }, '2026-12-31')).toBe(true);
    expect(isRetainedOn({ reason: 'x', until: '2026-12-31' }, '2027-01-01')).toBe(false);
    expect(isRetainedOn(null, '2026-01-01')).toBe(false);
  });
});

it('positions are written as ranges, each counted once', () => {
  expect(ranges([9n, 3n, 8n, 7n, 3n])).toEqual({ positions: ['3', '7-9'], events: 4 });
  expect(ranges([])).toEqual({ positions: [], events: 0 });
});
