import pg from 'pg';
import { isFullDisk, isOutage, markDatabaseError } from './outage.js';

const answered = (code: string): Error =>
  Object.assign(new pg.DatabaseError('x', 1, 'error'), { code, severity: 'ERROR' });
const network = (code: string, syscall: string): Error => Object.assign(new Error(code), { code, syscall });
const ofServer = (code: string, syscall: string): unknown => markDatabaseError(network(code, syscall));

describe('an error of the database', () => {
  it.each([
    ...['08006', '25P03', '25P04', '40001', '40P01', '53300', '55P03', '57014', '57P01', '57P02', '57P03'].map(
      answered,
    ),
    ofServer('ECONNREFUSED', 'connect'),
    ofServer('ECONNRESET', 'read'),
    ofServer('EPIPE', 'write'),
    ofServer('ETIMEDOUT', 'read'),
    ofServer('EAI_AGAIN', 'getaddrinfo'),
    ofServer('ENOTFOUND', 'getaddrinfo'),
    ofServer('ENOENT', 'connect'),
    markDatabaseError(new AggregateError([network('ECONNREFUSED', 'connect'), network('ECONNREFUSED', 'connect')])),
    new Error('Connection terminated unexpectedly'),
    new Error('Connection terminated due to connection timeout'),
    new Error('timeout exceeded when trying to connect'),
    new Error('timeout expired'),
    new Error('Client has encountered a connection error and is not queryable'),
    new Error('the read failed', { cause: answered('57P01') }),
  ])('is an outage when it says nothing of what was asked: %s', (error) => {
    expect(isOutage(error)).toBe(true);
  });

  it.each([
    ...['22P02', '23505', '28P01', '42501', '42P01', '53100', '3D000'].map(answered),
    ofServer('ENOENT', 'open'),
    ofServer('EPIPE', 'spawn'),
    // A mail server, or a sign-in provider.
    network('ECONNREFUSED', 'connect'),
    new TypeError('fetch failed', { cause: network('ENOTFOUND', 'getaddrinfo') }),
    new AggregateError([network('ECONNREFUSED', 'connect')]),
    new Error('a bug'),
    'Connection terminated',
    null,
  ])('is none when it answers what was asked, or comes from elsewhere: %s', (error) => {
    expect(isOutage(error)).toBe(false);
  });
});

describe('an error', () => {
  it.each([
    answered('53100'),
    Object.assign(answered('XX000'), { message: 'could not write block 7: Disk quota exceeded' }),
    Object.assign(answered('58030'), { message: 'could not fsync file "base/5/1": No space left on device' }),
    network('ENOSPC', 'write'),
    network('EDQUOT', 'mkdir'),
    new Error('the file was not stored', { cause: network('ENOSPC', 'write') }),
  ])('says that a disk is full: %s', (error) => {
    expect(isFullDisk(error)).toBe(true);
    expect(isOutage(error)).toBe(false);
  });

  it.each([answered('58030'), answered('53300'), network('EIO', 'write'), new Error('No space left on device'), null])(
    'says nothing of the space on a disk: %s',
    (error) => {
      expect(isFullDisk(error)).toBe(false);
    },
  );
});
