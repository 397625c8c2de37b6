import { startApp, type TestApp } from '@daybook/testing/app';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const place = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const documents = ['README.md', ...readdirSync(place('../../docs')).map((name) => `docs/${name}`)]
  .filter((name) => name.endsWith('.md'))
  .map((name) => readFileSync(place(`../../${name}`), 'utf8'));
const found = (pattern: RegExp): string[] => [
  ...new Set(documents.flatMap((document) => [...document.matchAll(pattern)].map(([, what = '']) => what.trim()))),
];

describe('what the documentation says about Daybook', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  const help = async (...words: string[]) => {
    const child = spawn(
      process.execPath,
      ['--import', place('../source.mjs'), place('daybook.mjs'), ...words, '--help'],
      {
        env: { PATH: process.env['PATH'] ?? '' },
      },
    );
    const ended = new Promise<number | null>((done) => child.once('close', done));
    const [out, , status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { out, status };
  };

  it('in its help matches what the API serves, without steps of operations', async () => {
    const { out, status } = await help();
    expect(status).toBe(0);
    const [, list = ''] = out.split('Operations, each with its own --help:\n');
    const listed = list
      .split('\n\n', 1)[0]!
      .split('\n')
      .map((line) => line.trim().split('  ', 1)[0]!.replaceAll(' ', '.'));
    const served = app.api.bindings.operations.map(({ name }) => name);
    expect(listed.filter((name) => name !== '')).toEqual(served.toSorted());
  });

  it('as a command exists: group, command, flags and read model', async () => {
    // `daybook api reads` is no command but the name of a connection.
    const samples = found(/(?:npm run -s daybook --|`daybook(?! (?:api|projector) )) ([^`\n#]+)/g);
    expect(samples.length).toBeGreaterThan(8);
    const words = (sample: string): string[] => sample.split(/\s+/);
    const models = (await app.work.engine.status()).map(({ name }) => name);
    const commands = new Map<string, Set<string>>();
    for (const sample of samples) {
      const given = words(sample);
      const [group, command, name] = given;
      if (group === 'projections' && command === 'rebuild' && !name?.startsWith('-') && name !== 'NAME')
        expect([sample, models]).toEqual([sample, expect.arrayContaining([name])]);
      // Up to a flag or an argument: a file, an address, a placeholder, the name of a read model.
      const end = given.findIndex((word) => !/^[a-z-]+$/.test(word) || word.startsWith('-') || models.includes(word));
      const path = (end < 0 ? given : given.slice(0, end)).join(' ');
      const flags = commands.get(path) ?? new Set();
      for (const [flag] of sample.matchAll(/--[a-z][a-z-]*/g)) flags.add(flag);
      commands.set(path, flags);
    }
    for (const [path, flags] of commands) {
      const { out, status } = await help(...path.split(' ').filter(Boolean));
      expect([path, status, out]).toEqual([path, 0, expect.stringContaining(`Usage: daybook${path && ' '}${path} `)]);
      for (const flag of flags) expect(`${path}: ${out}`).toMatch(new RegExp(`${flag}\\b`));
    }
  }, 240_000);

  it('as a route is served by the API', () => {
    const nameless = (route: string): string => route.replaceAll(/\{\w+\}/g, '{}');
    const served = new Set(app.api.bindings.operations.map(({ http }) => nameless(http)));
    // No operations: documented by hand.
    for (const own of ['GET /v1/live', 'GET /v1/files/{}', 'POST /v1/files', 'GET /v1/platform/imports/{}/refused'])
      served.add(own);
    // The example, which the product does not have.
    served.add('GET /v1/crm/contacts');
    const routes = found(/((?:GET|POST|PUT|DELETE) \/v1\/[\w/{}-]+)/g);
    expect(routes.length).toBeGreaterThan(10);
    expect(routes.map(nameless).filter((route) => !served.has(route))).toEqual([]);
  });
});
