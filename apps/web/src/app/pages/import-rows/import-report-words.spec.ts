import { describe, expect, it } from 'vitest';
import { errorWords, headline, rowsOf } from './import-report-words';

describe('the report of an import', () => {
  it('says what ended, and how', () => {
    const said = (['waiting', 'running', 'done', 'failed', 'cancelled'] as const).map((state) =>
      headline({ phase: 'run', state }),
    );
    expect(said).toEqual(['Import under way', 'Import under way', 'Import done', 'Import failed', 'Import stopped']);
  });

  it('names the field that an error is about', () => {
    const required = { code: 'required', message: 'This is required.' };
    expect(errorWords({ pointer: '/companyName', ...required })).toBe('Company name: This is required.');
    expect(errorWords({ pointer: '', ...required })).toBe('This is required.');
  });

  it('counts one row as one', () => {
    expect([rowsOf(1, '1'), rowsOf(1250, '1 250')]).toEqual(['1 row', '1 250 rows']);
  });
});
