import { createLogger } from './logger.js';

describe('a line of the log', () => {
  const written = (fields: object): string => {
    const lines: string[] = [];
    createLogger('info', 'spec', { write: (line) => void lines.push(line) }).info(fields, 'something happened');
    return lines.join('');
  };

  it('redacts secrets by their name, at any depth', () => {
    const names = ['authorization', 'cookie', 'password', 'secret', 'token', 'accessToken', 'refreshToken'];
    for (const name of [...names, 'databaseUrl', 'eventStoreUrl']) {
      for (const fields of [{ [name]: 'hunter2' }, { a: { [name]: 'hunter2' } }, { a: { b: { [name]: 'hunter2' } } }]) {
        const line = written(fields);
        expect([name, line.includes('hunter2'), line.includes('[redacted]')]).toEqual([name, false, true]);
      }
    }
    expect(written({ req: { headers: { 'x-api-key': 'hunter2' } } })).not.toContain('hunter2');
    expect(written({ position: '7', user: { id: 'u' } })).toContain('"position":"7"');
  });

  it('says what failed in an error of PostgreSQL, without the values', () => {
    const failed = (message: string, more: object) => Object.assign(new Error(message), { severity: 'ERROR', ...more });
    const row = 'Failing row contains (1, Kari Nordmann, kari@example.org).';
    const constraint = failed('null value in column "name" violates a constraint', { code: '23502', detail: row, column: 'name' }); // prettier-ignore
    const value = failed('invalid input syntax for type date: "Kari Nordmann"', { code: '22007', where: 'JSON data, line 1: Kari Nordmann' }); // prettier-ignore
    expect(written({ err: constraint })).toContain('"column":"name"');
    expect(written({ err: value })).toContain('invalid input syntax for type date');
    for (const err of [constraint, value]) expect(written({ err })).not.toContain('Kari');
    expect(written({ err: new Error('Plain: as it is') })).toContain('Plain: as it is');
  });

  it('is one JSON document with level, part and time in UTC', () => {
    expect(JSON.parse(written({ text: 'a\nb' }))).toMatchObject({
      level: 'info',
      part: 'spec',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      text: 'a\nb',
      msg: 'something happened',
    });
  });
});
