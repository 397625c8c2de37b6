import { auditSentence } from './audit-sentence.js';

describe('an audit sentence', () => {
  it('takes values of the event by their path', () => {
    expect(
      auditSentence('imported {totals.entries} entries from {file.name}', {
        totals: { entries: 3 },
        file: { name: 'a.xml' },
      }),
    ).toBe('imported 3 entries from a.xml');
  });
  it('takes the first of several that is there', () => {
    expect(auditSentence('reversed {reverses.number|number}', { number: 'GL-2026-0001' })).toBe(
      'reversed GL-2026-0001',
    );
    expect(auditSentence('reversed {reverses.number|number}', { reverses: { number: 'A' }, number: 'B' })).toBe(
      'reversed A',
    );
  });
  it('leaves no gap where a value is missing', () => {
    expect(auditSentence('renamed {a.b.c} twice', { a: null })).toBe('renamed twice');
  });
});
