import { ConfigError, readConfig } from './config.js';

const good = {
  DATABASE_URL: 'postgres://postgres:pw@127.0.0.1:5432/daybook',
  DAYBOOK_SECRET: 'a secret of more than thirty-two characters',
};
const problemsOf = (env: Record<string, string>, read?: (path: string) => string): readonly string[] => {
  try {
    readConfig(env, read);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('the configuration', () => {
  it('has safe defaults: loopback only, port 3000, production', () => {
    expect(readConfig(good)).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      environment: 'production',
      issuers: { loopback: false, internal: [] },
      eventStoreUrl: null,
      consoleDir: null,
      logLevel: 'info',
    });
  });

  it('names all invalid and missing variables at once, without showing values', () => {
    const problems = problemsOf({
      DATABASE_URL: 'mysql://root:hunter2@db',
      EVENTSTORE_URL: 'http://x',
      DAYBOOK_PORT: '99999',
      DAYBOOK_LOG_LEVEL: 'loud',
    });
    expect(problems.map((p) => p.split(' ')[0])).toEqual([
      'DATABASE_URL',
      'EVENTSTORE_URL',
      'DAYBOOK_SECRET',
      'DAYBOOK_PORT',
      'DAYBOOK_LOG_LEVEL',
    ]);
    expect(problems.join()).toContain('DAYBOOK_SECRET is missing.');
    expect(problems.join()).not.toContain('hunter2');
  });

  it('takes limits of requests as numbers per second and in a burst', () => {
    expect(readConfig(good).limits.signedIn).toEqual({ perSecond: 200, burst: 1_000 });
    expect(readConfig({ ...good, DAYBOOK_LIMIT_SIGNED_IN: '5000,9000' }).limits).toEqual({
      signedIn: { perSecond: 5_000, burst: 9_000 },
      anonymous: { perSecond: 2, burst: 60 },
      graphql: { perSecond: 400, burst: 4_000 },
    });
    for (const wrong of ['200', '0,10', 'many,more', '1,2,3']) {
      expect(problemsOf({ ...good, DAYBOOK_LIMIT_ANONYMOUS: wrong })).toEqual([
        'DAYBOOK_LIMIT_ANONYMOUS is wrong: expected two whole numbers from 1 to 999999999, per second and in a burst, such as 2,60.',
      ]);
    }
  });

  it('reads a value from the file named by its _FILE variable', () => {
    const { DAYBOOK_SECRET: secret, ...rest } = good;
    const read = (path: string): string => {
      if (path !== '/run/secrets/daybook') throw new Error('ENOENT');
      return `${secret}\n`;
    };
    expect(readConfig({ ...rest, DAYBOOK_SECRET_FILE: '/run/secrets/daybook' }, read).secret).toBe(secret);
    expect(problemsOf({ ...rest, DAYBOOK_SECRET_FILE: '/nowhere' }, read)).toEqual([
      'DAYBOOK_SECRET_FILE names a file that cannot be read.',
    ]);
    expect(problemsOf({ ...good, DAYBOOK_SECRET_FILE: '/run/secrets/daybook' }, read)).toEqual([
      'DAYBOOK_SECRET and DAYBOOK_SECRET_FILE are both set; keep one.',
    ]);
  });

  it('treats an empty variable as absent', () => {
    expect(readConfig({ ...good, EVENTSTORE_URL: '' }).eventStoreUrl).toBeNull();
  });

  it('allows sign-in providers on loopback in development and test only, or where configured', () => {
    const taken = (env: Record<string, string>) => readConfig({ ...good, ...env }).issuers.loopback;
    expect(taken({ NODE_ENV: 'test' })).toBe(true);
    expect(taken({ NODE_ENV: 'production' })).toBe(false);
    expect(taken({ NODE_ENV: 'production', DAYBOOK_LOOPBACK_ISSUERS: 'yes' })).toBe(true);
    expect(taken({ NODE_ENV: 'development', DAYBOOK_LOOPBACK_ISSUERS: 'no' })).toBe(false);
    expect(problemsOf({ ...good, DAYBOOK_LOOPBACK_ISSUERS: 'perhaps' })).toEqual([
      'DAYBOOK_LOOPBACK_ISSUERS is wrong: expected yes or no.',
    ]);
  });

  it('accepts names of internal hosts for sign-in providers', () => {
    const { internal } = readConfig({ ...good, DAYBOOK_INTERNAL_ISSUERS: 'Login.fjord.internal, 10.0.0.5' }).issuers;
    expect(internal).toEqual(['login.fjord.internal', '10.0.0.5']);
    expect(problemsOf({ ...good, DAYBOOK_INTERNAL_ISSUERS: 'https://login.fjord.internal' })).toEqual([
      'DAYBOOK_INTERNAL_ISSUERS is wrong: expected names of hosts, separated by commas.',
    ]);
  });

  it('trusts proxies on this machine and those that are configured', () => {
    const trusts = (address: string, named?: string) =>
      readConfig({ ...good, ...(named === undefined ? {} : { DAYBOOK_TRUSTED_PROXIES: named }) }).proxies.trusts(
        address,
      );
    expect(trusts('127.0.0.1')).toBe(true);
    expect(trusts('10.0.0.1')).toBe(false);
    for (const named of ['10.0.0.1', '10.0.0.0/8, 2001:db8::/32']) expect(trusts('10.0.0.1', named)).toBe(true);
    expect(trusts('2001:db8::5', '10.0.0.0/8, 2001:db8::/32')).toBe(true);
    expect(trusts('11.0.0.1', '10.0.0.0/8, 2001:db8::/32')).toBe(false);
    for (const wrong of ['proxy.internal', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0.0/', 'loopback']) {
      expect(problemsOf({ ...good, DAYBOOK_TRUSTED_PROXIES: wrong })).toEqual([
        'DAYBOOK_TRUSTED_PROXIES is wrong: expected addresses or ranges such as 10.0.0.0/8, separated by commas.',
      ]);
    }
  });

  it('writes mail into the data folder, with links to localhost, by default', () => {
    const here = readConfig({ ...good, DAYBOOK_DATA: '/data', DAYBOOK_PORT: '4000' });
    expect(here).toMatchObject({ mail: '/data/mail', publicUrl: 'http://localhost:4000' });
    const there = { DAYBOOK_MAIL: 'smtp://user:hunter2@mail:587', DAYBOOK_URL: 'https://books.example.org/' };
    expect(readConfig({ ...good, ...there })).toMatchObject({
      mail: there.DAYBOOK_MAIL,
      publicUrl: 'https://books.example.org',
    });
    expect(readConfig({ ...good, DAYBOOK_MAIL: '/var/mail' }).mail).toBe('/var/mail');
    const wrong = { DAYBOOK_MAIL: 'imap://user:hunter2@mail', DAYBOOK_URL: 'books', DAYBOOK_MAIL_FROM: 'nobody' };
    const problems = problemsOf({ ...good, ...wrong });
    expect(problems.map((p) => p.split(' ')[0])).toEqual(['DAYBOOK_URL', 'DAYBOOK_MAIL', 'DAYBOOK_MAIL_FROM']);
    expect(problems.join()).not.toContain('hunter2');
  });

  it('accepts the address of an EventStoreDB cluster, and explains an invalid one without showing it', () => {
    for (const address of ['esdb://u:p@a:2113,b:2113,c:2113?tls=true', 'esdb://[::1]', 'esdb+discover://cluster']) {
      expect(readConfig({ ...good, EVENTSTORE_URL: address }).eventStoreUrl).toBe(address);
    }
    expect(() => readConfig({ ...good, EVENTSTORE_URL: 'esdb://u:hunter2@a:port' })).toThrow(
      /^(?!.*hunter2).*EVENTSTORE_URL is wrong: expected hosts as host:2113, separated by commas/s,
    );
  });
});
