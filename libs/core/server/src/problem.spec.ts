import { reject } from '@daybook/kernel';
import { problemLimits, problemOf } from './problem.js';

describe('a problem document', () => {
  const long = 'x'.repeat(1_000_000);

  it('truncates long texts from the request', () => {
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

  it('has a bounded number of errors and details', () => {
    const errors = Array.from({ length: 100_000 }, (_, i) => ({ pointer: `/${i}`, code: 'x', message: 'No.' }));
    const problem = problemOf(reject('books.no', 'No.', { errors, details: { numbers: errors } }), 't');
    expect(problem.errors).toHaveLength(problemLimits.errors);
    expect(problem.details['numbers']).toHaveLength(problemLimits.items);
  });

  it('does not split a character', () => {
    const { detail } = problemOf(reject('books.no', '😀'.repeat(1_000)), 't');
    expect(detail.isWellFormed()).toBe(true);
  });

  it('contains the rejection unchanged when it is short', () => {
    const errors = [{ pointer: '/a', code: 'b', message: 'c' }];
    const rejection = reject('books.no', 'No.', { status: 400, errors, details: { a: null, b: [1, { c: true }] } });
    expect(problemOf(rejection, 't')).toMatchObject({ detail: 'No.', errors, details: rejection.details });
  });
});
