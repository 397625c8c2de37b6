import { AddressError, parseEventStoreUrl, shownHosts } from './address.js';

const hostsOf = (url: string) => shownHosts(parseEventStoreUrl(url));

describe('EVENTSTORE_URL', () => {
  it.each([
    ['esdb://a:2113,b:2113,c:2113?tls=true', 'a:2113, b:2113, c:2113'],
    ['esdb://a,b:2114,c', 'a:2113, b:2114, c:2113'],
    ['esdb://a/', 'a:2113'],
    [' esdb://10.0.0.1:2113 ', '10.0.0.1:2113'],
    ['esdb+discover://cluster.example.org', 'cluster.example.org:2113'],
    ['esdb://[::1]:2113,[2001:db8::1]', '[::1]:2113, [2001:db8::1]:2113'],
    ['esdb://user:pass@a:2113,b:2113/?tls=false', 'a:2113, b:2113'],
  ])('takes %s', (url, hosts) => {
    expect(hostsOf(url)).toBe(hosts);
    expect(parseEventStoreUrl(url)).toMatchObject({
      discover: url.includes('discover'),
      tls: !url.includes('tls=false'),
    });
  });

  it('accepts passwords with a colon, an @ or an encoded character', () => {
    const userOf = (url: string) => parseEventStoreUrl(url).user;
    expect(userOf('esdb://a:2113')).toBeNull();
    expect(userOf('esdb://admin:changeit@a')).toEqual({ username: 'admin', password: 'changeit' });
    expect(userOf('esdb://admin:a:b@c@d')).toEqual({ username: 'admin', password: 'a:b@c' });
    expect(userOf('esdb://a%40b:%2F%3F%25@c')).toEqual({ username: 'a@b', password: '/?%' });
  });

  it("accepts the client's options in any case, and ignores those of other clients", () => {
    const url =
      'esdb://a,b?TLS=true&tls_ca_file=%2Fca.pem&nodePreference=ReadOnlyReplica&gossip-timeout=3&keepAliveInterval=-1&new=1';
    expect(parseEventStoreUrl(url)).toMatchObject({
      tls: true,
      tlsCAFile: '/ca.pem',
      nodePreference: 'read_only_replica',
      gossipTimeout: 3,
      keepAliveInterval: -1,
    });
  });

  it.each([
    ['http://a:2113', 'starts with esdb://'],
    ['a:2113', 'starts with esdb://'],
    ['esdb://', 'hosts as host:2113'],
    ['esdb://a,,b', 'hosts as host:2113'],
    ['esdb://a:port', 'hosts as host:2113'],
    ['esdb://a:70000', 'hosts as host:2113'],
    ['esdb://::1:2113', 'hosts as host:2113'],
    ['esdb://hunter2@a', 'user:password'],
    ['esdb://hunter2:@a', 'user:password'],
    ['esdb://x:%hunter2@a', 'user:password'],
    ['esdb://x:hunter2@a?tls', 'options as'],
    ['esdb://x:hunter2@a?tls=maybe', 'true or false'],
    ['esdb://x:hunter2@a?gossipTimeout=soon', 'a whole number'],
    ['esdb://x:hunter2@a?nodePreference=hunter2', 'leader, follower'],
    ['esdb://x:hunter2@a?connectionName=%zz', 'percent-encoded'],
  ])('refuses %s with what is expected, and nothing of what stands there', (url, expected) => {
    let thrown: unknown;
    try {
      parseEventStoreUrl(url);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(AddressError);
    expect((thrown as Error).message).toContain(expected);
    expect((thrown as Error).message).not.toContain('hunter2');
  });
});
