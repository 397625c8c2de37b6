import { publishedState } from '@daybook/kernel';
import { tags } from './tag.register.js';

/** Whether a tag may be put on records; null for one that is not there. */
export type TagStatus = 'active' | 'retired' | null;
const statusAfter: Readonly<Record<string, TagStatus>> = {
  'collaboration.tag-created': 'active',
  'collaboration.tag-retired': 'retired',
  'collaboration.tag-restored': 'active',
};
export const tagStatus = publishedState('collaboration.tag-status', {
  of: tags.record.name,
  events: tags.events,
  initial: null as TagStatus,
  evolve: (status, { type }) => statusAfter[type] ?? status,
});
