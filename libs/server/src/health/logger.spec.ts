import { createLogger } from './logger.js';

describe('a line of the log', () => {
  const written = (fields: object): string => {
    const lines: string[] = [];
    createLogger('info', 'spec', { write: (line) => void lines.push(line) }).info(fields, 'something happened');
    return lines.join('');
  };

  it('cuts secrets out by their name, wherever they stand', () => {
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

  it('is one JSON document with its level, its part and its time in UTC', () => {
    expect(JSON.parse(written({ text: 'a\nb' }))).toMatchObject({
      level: 'info',
      part: 'spec',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      text: 'a\nb',
      msg: 'something happened',
    });
  });
});
