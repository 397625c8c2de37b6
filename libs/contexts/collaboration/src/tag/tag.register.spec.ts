import { piecesOf } from '@daybook/projections';
import { deciding, outcome, projected, testContext, testId } from '@daybook/projections/testing/given';
import { tags } from './tag.register.js';

const { given } = deciding(tags.aggregate);
const id = testId(1);
const [created, changed, retired, restored] = tags.events.map(({ name }) => name);
const vip = { type: created!, data: { id, name: 'VIP', colour: 'red' } };
const gone = { type: retired!, data: { id } };

describe('a register', () => {
  it('creates, changes, retires and restores what it holds', () => {
    const made = given().whenSent({ name: 'collaboration.tag.create', input: { name: 'VIP', colour: 'red' } });
    expect(outcome(made)).toEqual([{ type: created, data: { id: testContext.newId, name: 'VIP', colour: 'red' } }]);
    expect(outcome(given(vip).whenSent({ name: 'collaboration.tag.change', input: { id, name: 'VIP', colour: 'blue' } }))).toEqual([{ type: changed, data: { id, colour: 'blue' } }]); // prettier-ignore
    expect(outcome(given(vip).whenSent({ name: 'collaboration.tag.retire', input: { id } }))).toEqual([gone]);
    expect(outcome(given(vip, gone).whenSent({ name: 'collaboration.tag.change', input: { id, colour: 'blue' } }))).toBe('collaboration.tag-retired'); // prettier-ignore
    expect(outcome(given(vip, gone).whenSent({ name: 'collaboration.tag.restore', input: { id } }))).toEqual([{ type: restored, data: { id } }]); // prettier-ignore
  });

  it('has a row for each, and a screen with all of its fields', () => {
    const [projection] = piecesOf(tags).filter((one) => one.kind === 'projection');
    expect(projected(projection!, [vip, gone])['tags']).toMatchObject([{ id, name: 'VIP', colour: 'red', about: null, status: 'retired', version: 2 }]); // prettier-ignore
    expect(Object.keys(tags.view.columns)).toEqual(['name', 'colour', 'about', 'status']);
    expect(tags.view.actions.row.map(({ label }) => label)).toEqual(['Change tag', 'Retire', 'Restore']);
  });
});
