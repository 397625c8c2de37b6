import { readFileSync } from 'node:fs';

interface Interface {
  readonly address: string;
  readonly family: string;
  readonly internal: boolean;
}
interface Welcome {
  addressesOf(host: string, port: number, interfaces?: Readonly<Record<string, readonly Interface[]>>): string[];
  welcome(root: string, told: object): string;
}
const load = async () => (await import(new URL('welcome.mjs', import.meta.url).href)) as Welcome;
const root = new URL('../..', import.meta.url).pathname;
const interfaces = {
  lo: [{ address: '127.0.0.1', family: 'IPv4', internal: true }],
  eth0: [
    { address: '192.0.2.7', family: 'IPv4', internal: false },
    { address: '2001:db8::7', family: 'IPv6', internal: false },
    { address: 'fe80::7', family: 'IPv6', internal: false },
  ],
};

describe('the welcome of npm start', () => {
  it.each([
    ['127.0.0.1', ['http://localhost:3300']],
    ['0.0.0.0', ['http://localhost:3300', 'http://192.0.2.7:3300']],
    ['::', ['http://localhost:3300', 'http://192.0.2.7:3300', 'http://[2001:db8::7]:3300']],
    ['::1', ['http://[::1]:3300']],
    ['192.0.2.7', ['http://192.0.2.7:3300']],
  ])('names addresses that work, not %s as it was given', async (host, addresses) => {
    const { addressesOf } = await load();
    expect(addressesOf(host, 3300, interfaces)).toEqual(addresses);
  });

  it('says that other machines need https when it listens to them', async () => {
    const { welcome } = await load();
    const said = (host: string): string =>
      welcome(root, {
        options: { host },
        port: 3300,
        login: { email: 'kari@example.org', password: 'x' },
        folder: { path: '/data' },
        database: { dir: null },
        seconds: 1,
        interfaces,
      });
    expect(said('0.0.0.0')).toMatch(/other machines the console needs https/);
    expect(said('192.0.2.7')).toMatch(/other machines the console needs https/);
    expect(said('127.0.0.1')).not.toContain('https');
  });

  it('shows the first password once, since it may have been changed later', async () => {
    const { welcome } = await load();
    const said = (login: object): string =>
      welcome(root, {
        options: { host: '127.0.0.1' },
        port: 3300,
        login: { email: 'kari@example.org', password: 'first', ...login },
        folder: { path: '/data' },
        database: { dir: '/data/postgres' },
        seconds: 1,
      });
    expect(said({ isNew: true })).toMatch(/Password +first\n/);
    expect(said({ isNew: false })).toMatch(/Password +the one in \/data\/login, or the one you chose since\n/);
  });
});

describe('the development server of the console', () => {
  const asked = async (address: string | undefined): Promise<unknown> => {
    const { DAYBOOK_API: before } = process.env;
    if (address === undefined) delete process.env['DAYBOOK_API'];
    else process.env['DAYBOOK_API'] = address;
    const angular = JSON.parse(readFileSync(`${root}apps/web/angular.json`, 'utf8'));
    const file = angular.projects.web.architect.serve.options.proxyConfig as string;
    const { default: proxy } = (await import(`${root}apps/web/${file}?${address}`)) as { default: object };
    if (before === undefined) delete process.env['DAYBOOK_API'];
    else process.env['DAYBOOK_API'] = before;
    return proxy;
  };

  it('sends a login to the Daybook that was started with it, whatever its port', async () => {
    const target = 'http://127.0.0.1:3200';
    expect(await asked(target)).toEqual({ '/v1': { target }, '/health': { target } });
  });

  it('uses the default port when it is started alone', async () => {
    const target = 'http://127.0.0.1:3000';
    expect(await asked(undefined)).toEqual({ '/v1': { target }, '/health': { target } });
  });
});
