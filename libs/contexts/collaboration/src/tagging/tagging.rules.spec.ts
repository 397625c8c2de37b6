import { deciding, outcome, versioned } from '@daybook/projections/testing/given';
import { facts, record, tagged, tagId } from '../testing/parts.js';
import { threadDecider } from '../thread/thread.decider.js';
import { recordTagged, recordUntagged } from './tagging.events.js';
import { maxTags } from './tagging.rules.js';

const inUse = { facts: { ...facts, tag: 'active' } } as const;
const { given } = deciding(threadDecider, inUse);
const [on, off] = [recordTagged.of(tagged), recordUntagged.of(tagged)];
const input = { ...record, tagId };

describe('a tag on a record', () => {
  it('is put on once, and taken off once', () => {
    expect(versioned(given().when('collaboration.record.tag', input))).toEqual({ version: 1, events: [on] });
    expect(versioned(given(on).when('collaboration.record.tag', input))).toEqual({ version: 1, events: [] });
    expect(versioned(given(on).when('collaboration.record.untag', input))).toEqual({ version: 2, events: [off] });
    expect(outcome(given(on, off).when('collaboration.record.untag', input))).toEqual([]);
    expect(outcome(given().when('collaboration.record.untag', input))).toEqual([]);
  });

  it('is one of the register that is in use; one that is retired stays where it is', () => {
    const retired = { facts: { ...facts, tag: 'retired' } } as const;
    expect(outcome(given().when('collaboration.record.tag', input, retired))).toBe('collaboration.tag-invalid');
    expect(outcome(given().when('collaboration.record.tag', input, { facts }))).toBe('collaboration.tag-invalid');
    expect(outcome(given(on).when('collaboration.record.tag', input, retired))).toEqual([]);
    expect(outcome(given(on).when('collaboration.record.untag', input, retired))).toEqual([off]);
  });

  it('has not too many beside it', () => {
    const many = Array.from({ length: maxTags }, (_, n) => recordTagged.of({ ...tagged, tagId: `${n}` }));
    expect(outcome(given(...many).when('collaboration.record.tag', input))).toBe('collaboration.too-many-tags');
  });
});
