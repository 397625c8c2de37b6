import { tagStatus, type TagStatus } from './tag.published.js';
import { tags } from './tag.register.js';

const after = (...verbs: readonly string[]): TagStatus =>
  verbs.reduce<TagStatus>(
    (status, verb, revision) => tagStatus.evolve(status, { type: `collaboration.tag-${verb}`, data: {} }, { revision }),
    tagStatus.initial,
  );

describe('whether a tag may be put on records', () => {
  it('follows the register', () => {
    expect(tags.events.map(({ name }) => name).every((name) => tagStatus.events.has(name))).toBe(true);
    expect([after(), after('created'), after('created', 'changed')]).toEqual([null, 'active', 'active']);
    expect([after('created', 'retired'), after('created', 'retired', 'restored')]).toEqual(['retired', 'active']);
  });
});
