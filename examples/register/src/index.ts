import { face } from '@daybook/kernel';
import { tags } from './tag.register.js';

export const collaboration = face('collaboration', {
  title: 'Working together',
  icon: 'tag',
  records: [tags.record],
  views: [tags.view],
});
