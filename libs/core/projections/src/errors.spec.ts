import { StoreUnavailable } from '@daybook/event-store';
import { isInfrastructureError } from './errors.js';

const withCode = (code: string, more: object = {}) => Object.assign(new Error('said by the server'), { code, ...more });

describe('a projection', () => {
  it.each([
    ['the driver waits in vain for a connection', new Error('timeout expired')],
    ['a library wraps a lost connection', new Error('Query failed', { cause: new Error('Connection terminated') })],
    ['every address of the host refuses', new AggregateError([withCode('ECONNREFUSED')], 'in vain')],
    ['the disk is full', withCode('53100', { severity: 'ERROR' })],
    ['a quota is used up', withCode('XX000', { severity: 'ERROR' })],
    ['a table is missing', withCode('42P01', { severity: 'ERROR' })],
    ['the event store is away', new StoreUnavailable('unreachable', 'away')],
  ])('retries an event when %s', (_, error) => {
    expect(isInfrastructureError(error)).toBe(true);
  });

  it.each([
    ['a handler throws', new TypeError('event.data.lines is not iterable')],
    ['a value does not fit its column', withCode('22003', { severity: 'ERROR' })],
    ['something is thrown that is no error', 'no'],
  ])('parks at an event when %s', (_, error) => {
    expect(isInfrastructureError(error)).toBe(false);
  });
});
