import type { CallOf, OutputOf } from '../operation.js';
import { aggregate } from './aggregate.js';
import { choice, currency, email, money, person, quantity, status, text, whole, yesNo } from './field.js';
import { created, changed, eventOf } from './record-events.js';
import { listOf, readOf } from './record-list.js';
import { act, change, create } from './record-operations.js';
import { related, viewOf } from './record-view.js';
import { record } from './record.js';

/* What must not compile, does not: `npm run typecheck` fails where an expected error is missing. */
const contact = record('test.contact', {
  one: 'contact',
  many: 'contacts',
  icon: 'contact',
  calledBy: 'name',
  fields: {
    name: text('Name', { personal: true }),
    email: email('E-mail', { optional: true }),
    owner: person('Owner', { default: 'caller' }),
    language: choice('Language', { nb: 'Norwegian', en: 'English' }),
    status: status('Status', { active: null, archived: null }),
  },
});
const [contactCreated, contactChanged] = [created(contact), changed(contact)];
const archived = eventOf(contact, 'archived', { sets: { status: 'archived' } });
const noted = eventOf(contact, 'noted', { data: { note: text('Note') } });
const [createContact, changeContact] = [create(contact), change(contact, { when: { status: 'active' } })];
const archiveContact = act(contact, 'archive', { title: 'Archive', says: 'archived' });
const listContacts = listOf(contact, { text: ['name'], filters: ['owner', 'status'], sorts: ['name', 'email'] });
const readContact = readOf(contact);
const events = [contactCreated, contactChanged, archived] as const;
const commands = [createContact, changeContact, archiveContact] as const;

const inputs = (): void => {
  const list: CallOf<typeof listContacts> = { owner: ['me'], sort: ['-name', 'email'], count: true };
  const row: OutputOf<typeof listContacts>['items'][number] = {
    id: '', name: null, email: null, owner: '', language: 'nb', status: 'active', version: 1,
  }; // prettier-ignore
  const made: CallOf<typeof createContact> = { name: 'Vera', language: 'nb' };
  const patch: CallOf<typeof changeContact> = { id: '', email: null };
  // @ts-expect-error a field that the record must have cannot be emptied
  const emptied: CallOf<typeof changeContact> = { id: '', name: null };
  // @ts-expect-error a status is given by events
  const given: CallOf<typeof changeContact> = { id: '', status: 'active' };
  // @ts-expect-error no such language
  const word: CallOf<typeof createContact> = { name: 'Vera', language: 'fr' };
  // @ts-expect-error no such order
  const order: CallOf<typeof listContacts> = { sort: ['owner'] };
  void [list, row, made, patch, emptied, given, word, order];
};

const declarations = (): void => {
  // @ts-expect-error a misspelt option
  text('Name', { optionl: true });
  // @ts-expect-error a misspelt option beside a right one
  text('Name', { max: 10, optionl: true });
  // @ts-expect-error no such word to begin with
  choice('Language', { nb: 'Norwegian' }, { default: 'fr' });
  // @ts-expect-error no such field to call it by
  record('test.other', { one: 'x', many: 'xs', icon: 'x', calledBy: 'title', fields: { name: text('Name') } });
  // @ts-expect-error no such field
  listOf(contact, { sorts: ['name'], filters: ['colour'] });
  // @ts-expect-error names are searched, not filtered by
  listOf(contact, { sorts: ['name'], filters: ['name'] });
  // @ts-expect-error a list has an order
  listOf(contact, { sorts: [] });
  // @ts-expect-error nothing to sum
  listOf(contact, { sorts: ['name'], sums: ['name'] });
  // @ts-expect-error no such status
  act(contact, 'revive', { title: 'Revive', says: 'revived', when: { status: 'gone' } });
  // @ts-expect-error no such status
  eventOf(contact, 'lost', { sets: { status: 'gone' } });
};

const deciders = (): void => {
  // @ts-expect-error no rule for change
  aggregate(contact, { commands, events, rules: { create: contactCreated.of, archive: archived.of } });
  const rules = { create: contactCreated.of, change: contactChanged.of, archive: archived.of };
  // @ts-expect-error nobody folds what does not say what it sets
  aggregate(contact, { commands, events: [...events, noted], rules });
  aggregate(contact, {
    commands,
    events: [...events, noted],
    rules: { ...rules, change: (input, state) => (state.notes > 9 ? null : noted.of({ id: input.id, note: 'x' })) },
    initial: { notes: 0 },
    folds: { 'test.contact-noted': (state, { note }) => ({ notes: state.notes + note.length }) },
  });
};

const screens = (): void => {
  // @ts-expect-error a misspelt column
  viewOf(listContacts, { columns: ['nmae'], empty: '' });
  // @ts-expect-error no filter
  viewOf(listContacts, { columns: ['name'], saved: [{ name: 'All', where: { email: '' } }], empty: '' });
  // @ts-expect-error a fact that the record lacks
  viewOf(listContacts, { columns: ['name'], record: { read: readContact, facts: ['title'] }, empty: '' });
  // @ts-expect-error no filter to relate by
  related(listContacts, { by: 'email', columns: ['name'], empty: '' });
};

const ofCompanies = (): void => {
  const quote = record('test.quote', {
    one: 'quote', many: 'quotes', icon: 'x', calledBy: 'name', within: 'company', id: 'number',
    fields: { number: text('Number', { fixed: true }), name: text('Name'), total: money('Total', { in: 'currency' }), currency: currency('Currency'), count: quantity('Count'), weight: whole('Weight'), done: yesNo('Done') },
  }); // prettier-ignore
  const _list = listOf(quote, { sorts: ['total', 'number'], sums: ['total', 'count'], filters: ['total', 'done', 'currency'] }); // prettier-ignore
  const asked: CallOf<typeof _list> = { companyId: '', totalFrom: '1', done: true, currency: ['NOK'], sums: true };
  const _changing = change(quote);
  const patch: CallOf<typeof _changing> = { companyId: '', number: '1', total: '5' };
  // @ts-expect-error neither a range nor its end
  const wrong: CallOf<typeof _list> = { companyId: '', total: '1' };
  void [asked, patch, wrong];
};

describe('the types of a record', () => {
  it('refuse what its fields do not say', () => {
    expect([inputs, declarations, deciders, screens, ofCompanies]).toHaveLength(5);
  });
});
