import { accepted, deciding, outcome, rejected, testContext, testId } from '@daybook/projections/testing/given';
import { contactAggregate } from './contact.decider.js';
import { contactArchived, contactChanged, contactCreated, contactRestored } from './contact.events.js';

const { given } = deciding(contactAggregate);
const id = testId(1);
const vera = contactCreated.of({ id, name: 'Vera Lund', owner: testId(7), title: 'CFO' });
const archived = contactArchived.of({ id });

describe('a contact', () => {
  it('is owned by who creates it, unless they name somebody', () => {
    const made = given().when('crm.contact.create', { name: 'Vera Lund' });
    expect(outcome(made)).toEqual([contactCreated.of({ id: testContext.newId, name: 'Vera Lund', owner: testId(7) })]);
    const named = given().when('crm.contact.create', { name: 'Vera Lund', owner: id }, { person: null });
    expect(accepted(named).events).toMatchObject([{ data: { owner: id } }]);
    expect(rejected(given().when('crm.contact.create', { name: 'Vera Lund' }, { person: null }))).toMatchObject({
      code: 'crm.contact-invalid',
      status: 409,
      errors: [{ pointer: '/owner' }],
    });
  });

  it('changes what is said and nothing else', () => {
    const changed = given(vera).when('crm.contact.change', { id, title: null, name: 'Vera Lund' });
    expect(outcome(changed)).toEqual([contactChanged.of({ id, title: null })]);
    expect(accepted(changed)).toMatchObject({ id, version: 2 });
  });

  it('does not report to themselves', () => {
    expect(outcome(given(vera).when('crm.contact.change', { id, manager: id }))).toBe('crm.contact-own-manager');
  });

  it('is archived and restored, and not changed in between', () => {
    expect(outcome(given(vera).when('crm.contact.archive', { id }))).toEqual([archived]);
    expect(outcome(given(vera, archived).when('crm.contact.change', { id, title: 'CEO' }))).toBe(
      'crm.contact-archived',
    );
    expect(outcome(given(vera, archived).when('crm.contact.restore', { id }))).toEqual([contactRestored.of({ id })]);
    expect(outcome(given(vera).when('crm.contact.restore', { id }))).toBe('crm.contact-active');
  });
});
