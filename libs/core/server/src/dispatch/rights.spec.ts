import { type Actor, command, isRejection, matchesPermission } from '@daybook/kernel';
import * as z from 'zod';
import { accessOfPerson, grantOf } from '../testing/access.js';
import {
  allRowsFor,
  allRowsOf,
  companiesOf,
  fieldRules,
  grantsFor,
  partiesOf,
  permissionsIn,
  recentlyConfirmed,
  stepUpMinutes,
} from './rights.js';

const [north, south] = ['0190a1b2-0000-7000-8000-0000000000aa', '0190a1b2-0000-7000-8000-0000000000bb'];
const access = (...grants: ReturnType<typeof grantOf>[]) => accessOfPerson('t', 'p', [], { grants });
const [post, list] = ['books.entry.post', 'books.company.read'];
const inCompany = { permission: post, scope: 'company' } as const;

describe('the grants that permit an operation', () => {
  const here = { companyId: north };

  it('are those with its permission in the company of the input', () => {
    const [everywhere, inNorth, inSouth] = [
      grantOf([post]),
      grantOf([post], { companyId: north }),
      grantOf([post], { companyId: south }),
    ];
    const reading = grantOf([list]);
    expect(grantsFor(inCompany, here, access(everywhere, inNorth, inSouth, reading))).toEqual([everywhere, inNorth]);
    expect(grantsFor(inCompany, here, access(reading))).toMatchObject({ status: 403, details: { permission: post } });
  });

  it('are none in a company that they do not cover, which is a 404 as for a company of another tenant', () => {
    const inSouth = access(grantOf([post], { companyId: south }));
    expect(grantsFor(inCompany, here, inSouth)).toMatchObject({ status: 404, code: 'platform.company-not-found' });
    expect(grantsFor(inCompany, {}, inSouth)).toMatchObject({ status: 404 });
  });

  it('must cover the whole tenant when the operation does', () => {
    const ofTenant = { permission: post, scope: 'tenant' } as const;
    const everywhere = grantOf([post]);
    expect(grantsFor(ofTenant, {}, access(everywhere, grantOf([post], { companyId: north })))).toEqual([everywhere]);
    expect(grantsFor(ofTenant, {}, access(grantOf([post], { companyId: north })))).toMatchObject({ status: 403 });
  });

  it('are all with the permission when the operation is about the caller’s own data, and none are needed when it is public', () => {
    const inNorth = grantOf([post], { companyId: north });
    expect(grantsFor({ permission: post, scope: 'caller' }, {}, access(inNorth))).toEqual([inNorth]);
    expect(grantsFor({ permission: null, scope: 'tenant' }, {}, access())).toEqual([]);
  });

  it('say which menu entries, companies and parties the caller sees', () => {
    const inNorth = grantOf([post], { companyId: north });
    const vendor = grantOf([list], { companyId: south, party: { type: 'supplier', id: '10021' } });
    expect([...permissionsIn(access(inNorth, vendor))]).toEqual([post, list]);
    expect(companiesOf([inNorth, vendor, inNorth])).toEqual([north, south]);
    expect(companiesOf([inNorth, grantOf([post])])).toBe('all');
    expect(partiesOf([vendor])).toEqual([{ companyId: south, party: { type: 'supplier', id: '10021' } }]);
    expect(partiesOf([vendor, inNorth])).toBe('all');
  });
});

describe('the right to see every row of a record', () => {
  const all = 'crm.contact.read-all';
  const inNorth = grantOf([all, list], { companyId: north });

  it('is held where a grant without a party reaches, and reading a context does not bring it', () => {
    expect(allRowsOf([inNorth], north)).toEqual([all]);
    expect([allRowsOf([inNorth], south), allRowsOf([inNorth])]).toEqual([[], []]);
    expect(allRowsOf([grantOf([all], { party: { type: 'supplier', id: '1' } })])).toEqual([]);
    expect(matchesPermission('crm.*.read', all)).toBe(false);
  });

  it('is everybody’s who is no person and no key; whose rights are not known sees their own', () => {
    const actor = (kind: Actor['kind']) => ({ actor: { kind, id: 'x' } });
    expect((['person', 'api-key'] as const).map((kind) => allRowsFor(actor(kind)))).toEqual([[], []]);
    expect((['job', 'process', 'system'] as const).map((kind) => allRowsFor(actor(kind)))).toEqual([undefined, undefined, undefined]); // prettier-ignore
    expect(allRowsFor({ ...actor('person'), allRows: [all] })).toEqual([all]);
  });
});

describe('field rules', () => {
  const hides = grantOf([post], { fields: { 'books.entry.text': 'hide', 'books.entry.party': 'hide' } });

  it('apply only when every granting grant has them, and the milder one wins', () => {
    const masks = grantOf([post], { fields: { 'books.entry.text': 'mask' } });
    expect(fieldRules([hides])).toEqual({ 'books.entry.text': 'hide', 'books.entry.party': 'hide' });
    expect(fieldRules([hides, masks])).toEqual({ 'books.entry.text': 'mask' });
    expect(fieldRules([hides, grantOf([post])])).toEqual({});
    expect(fieldRules([])).toEqual({});
  });
});

describe('a sensitive operation', () => {
  const sensitive = command('books.safe.open', {
    title: 'Open the safe',
    http: 'POST /v1/books/safe',
    says: 'opened the safe',
    sensitive: true,
    input: z.object({}),
  });
  const at = Date.parse('2026-03-31T12:00:00Z');
  const proved = (minutesAgo: number) =>
    accessOfPerson('t', 'p', [], { authenticatedAt: new Date(at - minutesAgo * 60_000).toISOString() });

  it('needs a person who authenticated recently', () => {
    expect(recentlyConfirmed(sensitive, proved(stepUpMinutes), at)).toBeNull();
    expect(recentlyConfirmed(sensitive, proved(stepUpMinutes + 1), at)).toMatchObject({
      status: 403,
      code: 'identity.confirmation-required',
      details: { confirm: 'identity.session.confirm', withinMinutes: stepUpMinutes },
    });
    expect(recentlyConfirmed({ ...sensitive, sensitive: false }, proved(999), at)).toBeNull();
  });

  it('is refused to API keys and to delegated access', () => {
    const key = accessOfPerson('t', 'k', [], { authenticatedAt: null });
    const delegate = accessOfPerson('t', 's', [], { onBehalfOf: { kind: 'person', id: 'p' } });
    for (const who of [key, delegate]) {
      const refused = recentlyConfirmed(sensitive, who, at);
      expect(isRejection(refused) && refused.code).toBe('identity.person-required');
    }
  });
});
