import { errorOutline } from './error-outline.js';

describe('the outline of an error', () => {
  it('says its kind, code and place, and nothing of its message', () => {
    const error = Object.assign(new TypeError('Kari Nordmann\n    at kari@example.org'), { code: '42501' });
    const outline = errorOutline(error);
    expect(outline).toMatchObject({ kind: 'TypeError', code: '42501' });
    expect(outline.at[0]).toMatch(/^at .*error-outline\.spec/);
    expect(JSON.stringify(outline)).not.toMatch(/kari/i);
  });

  it('says no more of what is no error', () => {
    expect(errorOutline('Kari Nordmann')).toEqual({ kind: 'string', code: null, at: [] });
  });
});
