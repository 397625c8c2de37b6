import { DatabaseUrlError, UnsupportedServerError } from '@daybook/postgres';
import { markDatabaseError } from '@daybook/postgres/outage';
import { startupMessage, operatorMessage } from './startup-error.js';

const failure = (message: string, more: object): Error => Object.assign(new Error(message), more);

describe('a start that fails', () => {
  it.each([
    [
      new UnsupportedServerError('15.14'),
      'The database at DATABASE_URL is PostgreSQL 15.14, and Daybook needs PostgreSQL 17 or newer; nothing in it was changed.',
    ],
    [new DatabaseUrlError('no parameter sslmod'), 'DATABASE_URL is wrong: expected no parameter sslmod.'],
    [
      markDatabaseError(failure('connect ECONNREFUSED', { code: 'ECONNREFUSED', syscall: 'connect' })),
      'The database at DATABASE_URL does not answer. Start it, or set the address where it is.',
    ],
    [
      failure('the database system is starting up', { code: '57P03', severity: 'FATAL' }),
      'The database at DATABASE_URL does not answer. Start it, or set the address where it is.',
    ],
    [
      failure('password authentication failed for user "x"', { code: '28P01', severity: 'FATAL' }),
      'The database at DATABASE_URL does not let us in: password authentication failed for user "x".',
    ],
    [
      failure('self-signed certificate in certificate chain', { code: 'SELF_SIGNED_CERT_IN_CHAIN' }),
      'The database at DATABASE_URL cannot be trusted: self-signed certificate in certificate chain. Set sslmode and sslrootcert as its administrator says.',
    ],
    [
      failure('The server does not support SSL connections', {}),
      'The database at DATABASE_URL cannot be trusted: The server does not support SSL connections. Set sslmode and sslrootcert as its administrator says.',
    ],
  ])('is reported in one sentence when the operator can fix it: %s', (error, sentence) => {
    expect(operatorMessage(error)).toBe(sentence);
  });

  it('is logged with its stack trace otherwise', () => {
    expect(operatorMessage(new Error('a bug'))).toBeNull();
    const taken = failure('listen', { code: 'EADDRINUSE', syscall: 'listen', port: 3000, address: '127.0.0.1' });
    expect([operatorMessage(taken), startupMessage(taken)]).toEqual([null, 'Port 3000 on 127.0.0.1 is taken.']);
  });
});
