import { reject } from '@daybook/kernel';
import { problemLimits, problemOf } from './problem.js';

describe('a problem document', () => {
  const long = 'x'.repeat(1_000_000);

  it('repeats of what was sent only the beginning', () => {
    const problem = problemOf(
      reject('books.account-unknown', `There is no account ${long}.`, {
        errors: [{ pointer: `/${long}`, code: 'unknown', message: long }],
        details: { number: long, near: [{ name: long }] },
      }),
      't',
    );
    expect(problem.detail).toHaveLength(problemLimits.detail);
    expect(problem.detail.endsWith('…')).toBe(true);
    expect(JSON.stringify(problem).length).toBeLessThan(5_000);
  });

  it('names a bounded number of fields and facts', () => {
    const errors = Array.from({ length: 100_000 }, (_, i) => ({ pointer: `/${i}`, code: 'x', message: 'No.' }));
    const problem = problemOf(reject('books.no', 'No.', { errors, details: { numbers: errors } }), 't');
    expect(problem.errors).toHaveLength(problemLimits.errors);
    expect(problem.details['numbers']).toHaveLength(problemLimits.items);
  });

  it('cuts no character in half', () => {
    const { detail } = problemOf(reject('books.no', '😀'.repeat(1_000)), 't');
    expect(detail.isWellFormed()).toBe(true);
  });

  it('is the rejection, word by word, where that is short', () => {
    const errors = [{ pointer: '/a', code: 'b', message: 'c' }];
    const rejection = reject('books.no', 'No.', { status: 400, errors, details: { a: null, b: [1, { c: true }] } });
    expect(problemOf(rejection, 't')).toMatchObject({ detail: 'No.', errors, details: rejection.details });
  });
});
