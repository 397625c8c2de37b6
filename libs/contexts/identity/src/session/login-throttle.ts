import { reject, type Rejection } from '@daybook/kernel';
import { inSchemaScope, statement } from '@daybook/postgres';
import { raw } from '@mikro-orm/postgresql';
import { throttleKey } from './secret-sealing.js';
import { SignInAttemptsEntity } from './session.entities.js';
import type { Deps } from '../injected.js';

export const maxAttempts = 10;
/** Many people share a network address, and one must not lock out the others; guessing at many accounts is still limited. */
export const maxAttemptsPerAddress = 100;
/** The first pause; each further one is twice as long, up to a day. Reset by a successful sign-in or a quiet day. */
export const pauseMinutes = 15;
const longestPauseMinutes = 24 * 60;

export interface ThrottleKey {
  readonly key: Buffer;
  readonly most: number;
}

export const throttleKeyOf = (secret: string, kind: 'email' | 'address' | 'person', value: string): ThrottleKey => ({
  key: throttleKey(secret, kind, value),
  most: kind === 'address' ? maxAttemptsPerAddress : maxAttempts,
});

/**
 * Limits sign-in attempts per e-mail address and per network address. Attempts are counted before anything is checked, in
 * the database, so that restarts and other processes see them. In a pause, right passwords are refused too.
 */
export class LoginThrottle {
  constructor(private readonly deps: Deps<'em'>) {}

  /** Counts one attempt for each key; returns a rejection when any of them pauses. */
  async take(keys: readonly ThrottleKey[]): Promise<Rejection | null> {
    const rows = await inSchemaScope(this.deps.em, 'identity', (em) =>
      statement<{ wait: number | null }>(em, counted, [
        keys.map(({ key }) => key),
        keys.map(({ most }) => most),
        pauseMinutes,
        longestPauseMinutes,
      ]),
    );
    if (rows.every(({ wait }) => wait === null)) return null;
    const retryAfterSeconds = rows.reduce((longest, { wait }) => Math.max(longest, wait ?? 0), 1);
    return reject(
      'identity.too-many-attempts',
      `Sign-in pauses after ${maxAttempts} failed attempts. Try again in ${inWords(retryAfterSeconds)}.`,
      { status: 429, details: { retryAfterSeconds } },
    );
  }

  /** A good sign-in does not count, and makes no space for more bad ones: for keys that many people share. */
  async giveBack(keys: readonly ThrottleKey[]): Promise<void> {
    const given = { key: { $in: keys.map(({ key }) => key) } };
    await inSchemaScope(this.deps.em, 'identity', (em) =>
      em.nativeUpdate(SignInAttemptsEntity, given, { attempts: raw('greatest(attempts - 1, 0)') }),
    );
  }

  /** Resets keys after a successful sign-in. */
  async forget(keys: readonly ThrottleKey[]): Promise<void> {
    await inSchemaScope(this.deps.em, 'identity', async (em) => {
      // SQL: locks rows in the order in which they are counted, and skips locked ones, to avoid deadlocks.
      await statement(
        em,
        `delete from identity.sign_in_attempts where key in (
           select key from identity.sign_in_attempts where key = any($1::bytea[]) order by key for update)`,
        [keys.map(({ key }) => key)],
      );
      await statement(
        em,
        `delete from identity.sign_in_attempts where key in (
           select key from identity.sign_in_attempts t where ${quietForADay} for update skip locked)`,
      );
    });
  }
}

function inWords(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  if (minutes >= 120) return `${Math.ceil(minutes / 60)} hours`;
  return `${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
}

const mostOf = '($2::int[])[array_position($1::bytea[], t.key)]';
const quietForADay = `coalesce(t.paused_until, t.first_at) < now() - interval '1 day'`;
/** The pause is over, or the attempts are too old to count. */
const startsAnew = `coalesce(t.paused_until, t.first_at + make_interval(mins => $3)) < now()`;
/** This attempt exceeds the limit. */
const pausesNow = `t.paused_until is null and t.attempts >= ${mostOf}`;
/* SQL: counts and pauses in one statement, so that concurrent attempts all count. */
const counted = `
  insert into identity.sign_in_attempts as t (key, attempts, first_at)
  select key, 1, now() from unnest($1::bytea[], $2::int[]) as k(key, most) order by key
  on conflict (key) do update set
    attempts = case when ${startsAnew} then 1 else t.attempts + 1 end,
    first_at = case when ${startsAnew} then now() else t.first_at end,
    pauses = case when ${quietForADay} then 0 when not ${startsAnew} and ${pausesNow} then t.pauses + 1 else t.pauses end,
    paused_until = case when ${startsAnew} then null
      when ${pausesNow} then now() + make_interval(mins => least($4, $3 * power(2, least(t.pauses, 10)))::int)
      else t.paused_until end
  returning ceil(extract(epoch from paused_until - now()))::int as wait`;
