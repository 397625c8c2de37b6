import { changed, created, eventOf, field, listOf, record, sortKey } from '@daybook/kernel';
import { columnsOf } from './columns.js';
import { personalColumnsOf } from './erase.js';
import { projection, when } from './projection.js';
import { projectionOf, recordTable, rowsOf } from './record-table.js';
import { shapeOf } from './registry.js';
import { recorded, rowsAfter } from './testing/given.js';

const id = '0190a1b2-0000-7000-8000-000000000001';
const boss = '0190a1b2-0000-7000-8000-000000000002';
const member = record('club.member', {
  one: 'member', many: 'club members', icon: 'user', calledBy: 'name',
  fields: {
    name: field.text('Name', { personal: true }),
    number: field.code('Number', { fixed: true }),
    sponsor: field.reference('Sponsor', 'club.member', { optional: true }),
    joinedOn: field.date('Joined on', { optional: true }),
    status: field.status('Status', { active: null, left: null }),
  },
}); // prettier-ignore
const [memberCreated, memberChanged] = [created(member), changed(member)];
const memberLeft = eventOf(member, 'left', { sets: { status: 'left' } });
const events = [memberCreated, memberChanged, memberLeft] as const;
const list = listOf(member, { filters: ['sponsor', 'joinedOn', 'status'], sorts: ['name', 'number', 'joinedOn'] });
const members = recordTable(member, [list]);
const memberProjection = projectionOf(members, events);
const vera = { id, name: 'Vera Ås', number: 'M1' };
const at = (version: number) => ({ meta: { record: { type: 'club.member', id, version } } });

describe('the table of a record', () => {
  it('has a column per field, a key beside each name that is sorted by, and an index per order and choice', () => {
    expect([members.name, members.keys]).toEqual(['club_members', ['id']]);
    expect(columnsOf(members).map(({ name, kind, nullable }) => `${name} ${kind}${nullable ? '?' : ''}`)).toEqual([
      'id uuid', 'name text?', 'number text', 'sponsor uuid?', 'joinedOn date?', 'status code', 'version integer', 'nameSort text?',
    ]); // prettier-ignore
    expect(members.indexes).toEqual([['nameSort', 'id'], ['number', 'id'], ['joinedOn', 'id'], ['sponsor', 'id'], ['status', 'id']]); // prettier-ignore
  });

  it('empties a name and the key of it when its subject is erased', () => {
    expect(personalColumnsOf(members)).toEqual([{ subject: 'id', isUuid: true, columns: ['name', 'nameSort'] }]);
  });

  it('is of a company where its record is', () => {
    const desk = record('club.desk', { one: 'desk', many: 'desks', icon: 'x', calledBy: 'number', within: 'company', id: 'number', fields: { number: field.code('Number', { fixed: true }), size: field.whole('Size') } }); // prettier-ignore
    const desks = recordTable(desk, [listOf(desk, { sorts: ['number', 'size'] })]);
    expect(desks.keys).toEqual(['companyId', 'number']);
    expect(desks.indexes).toEqual([['companyId', 'size', 'number']]);
    const companyId = '0190a1b2-0000-7000-8000-0000000000c0';
    const rows = rowsAfter(projectionOf(desks, [created(desk)]), [recorded(created(desk), { companyId, number: 'D1', size: 4 })]); // prettier-ignore
    expect(rows['desks']).toEqual([{ companyId, number: 'D1', size: 4, version: 1 }]);
  });
});

describe('the rows of a record', () => {
  it('follow what events set, to the version after them', () => {
    const story = [
      recorded(memberCreated, vera, at(1)),
      recorded(memberChanged, { id, name: 'Vera Åsen', sponsor: boss }, at(2)),
      recorded(memberChanged, { id, sponsor: null, joinedOn: '2026-03-31' }, at(3)),
      recorded(memberLeft, { id }, at(4)),
    ];
    const row = { id, name: 'Vera Åsen', number: 'M1', sponsor: null, joinedOn: '2026-03-31', status: 'left', version: 4, nameSort: sortKey('Vera Åsen') }; // prettier-ignore
    expect(rowsAfter(memberProjection, story)['club_members']).toEqual([row]);
    expect(rowsAfter(memberProjection, [...story, ...story.slice(1)])['club_members']).toEqual([row]);
    expect(() => rowsAfter(memberProjection, story.slice(1))).toThrow('no row');
  });

  it('are without a name once it is erased, also in a rebuild', () => {
    const erased = recorded(memberCreated, { ...vera, name: null as unknown as string }, at(1));
    expect(rowsAfter(memberProjection, [erased])['club_members']).toMatchObject([{ name: null, nameSort: null, number: 'M1' }]); // prettier-ignore
  });

  it('are built anew when a field comes, or an event sets something else', () => {
    const shape = shapeOf(memberProjection);
    expect(shapeOf(projectionOf(recordTable(member, [list]), events))).toBe(shape);
    const grown = record('club.member', {
      ...member,
      calledBy: 'name',
      seenBy: [],
      fields: { ...member.fields, phone: field.phone('Phone', { optional: true }) },
    });
    expect(shapeOf(projectionOf(recordTable(grown), [created(grown)]))).not.toBe(shape);
    const other = eventOf(member, 'left', { sets: { status: 'active' } });
    expect(shapeOf(projectionOf(members, [memberCreated, memberChanged, other]))).not.toBe(shape);
  });

  it('go beside handlers that a context writes itself', () => {
    const mixed = projection({
      name: 'mixed',
      version: 1,
      tables: [members],
      on: [...rowsOf(members, [memberCreated]), when(memberLeft, () => [])],
    });
    expect(rowsAfter(mixed, [recorded(memberCreated, vera), recorded(memberLeft, { id })])['club_members']).toMatchObject([{ status: 'active' }]); // prettier-ignore
  });
});
