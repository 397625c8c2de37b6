import { projected, testId } from '@daybook/projections/testing/given';
import { contactArchived, contactChanged, contactCreated, contactRestored } from './contact.events.js';
import { contactProjection } from './contact.projection.js';

const id = testId(1);
const events = [
  contactCreated.of({ id, name: 'Vera Lund', owner: testId(7), title: 'CFO' }),
  contactChanged.of({ id, title: null, language: 'nb' }),
  contactArchived.of({ id }),
];
const rows = (...of: Parameters<typeof projected>[1]) => projected(contactProjection, of)['contacts'];

describe('the table of contacts', () => {
  it('has a row per contact, with what its events set and the version after them', () => {
    expect(rows(...events)).toMatchObject([
      { id, name: 'Vera Lund', title: null, language: 'nb', email: null, status: 'archived', version: 3 },
    ]);
    expect(rows(...events, contactRestored.of({ id }))).toMatchObject([{ status: 'active', version: 4 }]);
  });
});
