import { field, register } from '@daybook/kernel';

/** Words that people put on records, to find them together. One that is retired stays where it is, and is not offered any more. */
export const tags = register('collaboration.tag', {
  one: 'tag',
  many: 'tags',
  icon: 'tag',
  calledBy: 'name',
  fields: {
    name: field.text('Name', { max: 40, unique: 'tenant' }),
    colour: field.choice('Colour', { grey: 'Grey', blue: 'Blue', green: 'Green', red: 'Red' }, { default: 'grey' }),
    about: field.note('What it is for', { optional: true, max: 500 }),
  },
  empty: 'There are no tags yet. Create the first one.',
});
