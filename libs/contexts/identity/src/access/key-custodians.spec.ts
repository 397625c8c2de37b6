import { type ApiKey, noActorsYet } from '../tenant/actors.state.js';
import { peersOf, custodiansOf, servicesInCustodyOf } from './key-custodians.js';

const key = (
  keyId: string,
  holder: ApiKey['holder'],
  holderId: string,
  issuedBy: string,
  revoked = false,
): [string, ApiKey] => [
  keyId,
  { keyId, holder, holderId, issuedBy, revoked, name: keyId, scopes: [], until: '', addresses: [], version: 1 },
];
const service = (name: string, createdBy: string) => [name, { name, active: true, version: 1, createdBy }] as const;

/** Kari created the feed and issued its first key, now revoked; Ola issued the second one, and that of the till. */
const state = {
  ...noActorsYet,
  services: new Map([service('feed', 'kari'), service('till', 'liv')]),
  keys: new Map([
    key('feed-1', 'service', 'feed', 'kari', true),
    key('feed-2', 'service', 'feed', 'ola'),
    key('till-1', 'service', 'till', 'ola'),
    key('of-kari', 'person', 'kari', 'kari'),
  ]),
};

describe('the custodians of a service account', () => {
  it('are its creator and everybody who ever issued a key of it, for each of its keys', () => {
    for (const one of ['feed', 'feed-1', 'feed-2']) expect(custodiansOf([one], state)).toEqual(['kari', 'ola']);
    expect(custodiansOf(['till-1', 'till'], state)).toEqual(['liv', 'ola']);
    expect(custodiansOf(['of-kari'], state)).toEqual(['kari']);
    expect(custodiansOf(['kari', 'unknown'], state)).toEqual([]);
  });

  it('are found by person, too', () => {
    expect(servicesInCustodyOf('ola', state)).toEqual(['feed', 'till']);
    expect(servicesInCustodyOf('kari', state)).toEqual(['feed']);
    expect(servicesInCustodyOf('per', state)).toEqual([]);
  });

  it('count as one with its keys and with other accounts of the same people', () => {
    expect([...peersOf('feed-2', state)].sort()).toEqual(['feed-1', 'kari', 'ola', 'till-1']);
    expect([...peersOf('ola', state)].sort()).toEqual(['feed-1', 'feed-2', 'till-1']);
    expect([...peersOf('kari', state)].sort()).toEqual(['feed-1', 'feed-2']);
    expect([...peersOf('of-kari', state)].sort()).toEqual(['feed-1', 'feed-2', 'kari']);
    expect(peersOf('per', state)).toEqual([]);
  });
});
