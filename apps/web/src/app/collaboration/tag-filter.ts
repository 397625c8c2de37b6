import { listRecordTags, tags } from '@daybook/collaboration';
import { type FilterDeclaration, notOf, type ViewDeclaration } from '@daybook/kernel';
import type { Rights } from '../core/rights';

const byTag: FilterDeclaration = {
  field: 'tags',
  not: notOf('tags'),
  label: 'Tag',
  as: 'record',
  to: tags.record.name,
};

/** The view with a filter by tag: every list of a record takes one, for those who may read tags. */
export const withTags = (view: ViewDeclaration, rights: Pick<Rights, 'may'>): ViewDeclaration =>
  'tags' in view.list.input.shape && rights.may(listRecordTags) && rights.may(tags.list)
    ? { ...view, filters: [...view.filters, byTag] }
    : view;
