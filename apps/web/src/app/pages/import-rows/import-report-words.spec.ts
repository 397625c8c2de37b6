import { describe, expect, it } from 'vitest';
import { cellsOf, errorWords, headline, rowsOf, tallyOf } from './import-report-words';

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
    const ofCustom = { pointer: '/custom/region', code: 'unreadable', message: 'Region: “West” is none of: North.' };
    expect(errorWords(ofCustom)).toBe(ofCustom.message);
  });

  it('shows the cells of a row apart from each other, whatever commas are in them', () => {
    expect(cellsOf(['8140', '', ' ', '1 250,50', 'north'])).toBe('8140 · 1 250,50 · north');
  });

  it('says how many are new and changed, where any are', () => {
    expect(tallyOf({ created: 2, changed: 0 }, String)).toBe('2 new.');
    expect(tallyOf({ created: 1, changed: 3 }, String)).toBe('1 new, 3 changed.');
    expect(tallyOf({ created: 0, changed: 0 }, String)).toBe('');
  });

  it('counts one row as one', () => {
    expect([rowsOf(1, '1'), rowsOf(1250, '1 250')]).toEqual(['1 row', '1 250 rows']);
  });
});
