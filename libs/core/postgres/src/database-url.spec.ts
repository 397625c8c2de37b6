import { DatabaseUrlError, formatDatabaseUrl, parseDatabaseUrl } from './database-url.js';
import { roleUrl } from './roles.js';

const plain = (text: string) => {
  const { parameters, ...rest } = parseDatabaseUrl(text);
  return { ...rest, parameters: Object.fromEntries(parameters) };
};

describe('the address of the database', () => {
  it('is read as libpq reads it: several hosts, and parameters after the name of the database', () => {
    expect(plain('postgresql://u:p@a:5432,b:5433/db?target_session_attrs=read-write&sslmode=verify-full')).toEqual({
      hosts: [
        { host: 'a', port: 5432 },
        { host: 'b', port: 5433 },
      ],
      user: 'u',
      password: 'p',
      database: 'db',
      parameters: { target_session_attrs: 'read-write', sslmode: 'verify-full' },
    });
  });

  it.each([
    ['postgres://u@h/db', [{ host: 'h', port: 5432 }]],
    ['postgresql://u@[2001:db8::1]:5433,h/db', [{ host: '2001:db8::1', port: 5433 }, { host: 'h', port: 5432 }]], // prettier-ignore
    ['postgresql:///db?host=/var/run/postgresql', [{ host: '/var/run/postgresql', port: 5432 }]],
    ['postgresql:///db?host=a,b&port=1,2', [{ host: 'a', port: 1 }, { host: 'b', port: 2 }]], // prettier-ignore
  ])('names its hosts: %s', (text, hosts) => {
    expect(parseDatabaseUrl(text).hosts).toEqual(hosts);
  });

  it('decodes what is encoded, and takes an @ in a password', () => {
    expect(plain('postgresql://a%40b:p%2Fq%3F@h/d%20b')).toMatchObject({
      user: 'a@b',
      password: 'p/q?',
      database: 'd b',
    });
    expect(plain('postgresql://u:p@ss@h/db')).toMatchObject({ user: 'u', password: 'p@ss', hosts: [{ host: 'h' }] });
  });

  it.each([
    ['http://h/db', 'an address that starts with postgres:// or postgresql://'],
    ['h/db', 'an address that starts with postgres:// or postgresql://'],
    ['postgresql://h:0/db', 'ports from 1 to 65535'],
    ['postgresql://h:1,2:x/db', 'hosts as host:port, several of them with commas between'],
    ['postgresql:///db?host=a,b&port=1,2,3', 'as many ports as hosts'],
    ['postgresql://h/db?sslmod=verify-full', 'no parameter sslmod'],
    ['postgresql://h/db?secret%21=1', 'no parameter of that name'],
    ['postgresql://h/db?sslmode=verify_full', 'sslmode to be one of disable, allow, prefer, require, verify-ca, verify-full, no-verify'], // prettier-ignore
    ['postgresql://h/db?sslmode=verify-full&channel_binding=require', 'sslmode=verify-full instead of channel_binding=require, which cannot be enforced here'], // prettier-ignore
    ['postgresql://h/db?connect_timeout=soon', 'connect_timeout in seconds'],
    [
      'postgresql://u:100%@h/db',
      'an address whose % signs stand before two hexadecimal digits (a percent sign is %25)',
    ],
  ])('is refused when it is wrong, without repeating it: %s', (text, expected) => {
    expect(() => parseDatabaseUrl(text)).toThrow(new DatabaseUrlError(expected));
  });

  it.each([
    'postgresql://u:p@a:5432,b:5433/db?target_session_attrs=read-write&sslrootcert=/etc/my%20ca.pem',
    'postgresql://a%40b:p%2Fq%3F@h:1/d%20b',
    'postgresql:///db?host=/var/run/postgresql&port=6432',
    'postgresql://u@[2001:db8::1]:5433/db',
  ])('keeps hosts and parameters for the login of each role: %s', (text) => {
    const given = parseDatabaseUrl(text);
    const kept = parseDatabaseUrl(roleUrl(text, 'api', 'secret'));
    expect(kept).toMatchObject({ hosts: given.hosts, database: given.database, user: 'daybook_api' });
    expect(kept.password).toMatch(/^[0-9a-f]{64}$/);
    for (const [name, value] of given.parameters) expect(kept.parameters.get(name)).toBe(value);
    expect(parseDatabaseUrl(formatDatabaseUrl(given))).toMatchObject({ hosts: given.hosts, password: given.password });
  });
});
