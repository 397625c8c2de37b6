import { StoreUnavailable } from '@daybook/event-store';
import { reject, RejectionError } from '@daybook/kernel';
import { LogReplaced } from '@daybook/projections';
import { isPassing, unavailableRejection } from './unavailable.js';

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' });

describe('a job attempt that fails because of', () => {
  it.each([
    ['a log that is refused', new LogReplaced('restored', 7n)],
    ['a log that cannot be checked', new StoreUnavailable('unreachable', 'away')],
    ['a full disk', Object.assign(new Error('no space'), { code: 'ENOSPC' })],
  ])('%s does not count as an attempt', (_, error) => {
    expect(isPassing(error)).toBe(true);
  });

  it.each([
    ['a bug', new Error('a bug')],
    ['a rejection', new RejectionError(reject('x.y', 'No.'))],
    ['a statement that takes too long', Object.assign(new Error('slow'), { code: '57014', severity: 'ERROR' })],
  ])('%s counts as an attempt', (_, error) => {
    expect(isPassing(error)).toBe(false);
  });
});

describe('the refused connection of a mail server or a sign-in provider', () => {
  it('is not reported as an unavailable database', () => {
    expect(unavailableRejection(refused)).toBeNull();
    expect(unavailableRejection(new TypeError('fetch failed', { cause: refused }))).toBeNull();
  });
});
