import { reject, type Rejection } from '@daybook/kernel';
import { inSchemaScope } from '@daybook/postgres';
import { LockMode } from '@mikro-orm/postgresql';
import { normalEmail, throttleKey } from '../session/secret-sealing.js';
import { MailCountEntity } from './email-link.entities.js';
import type { Deps } from '../injected.js';

/**
 * Rate limits on mails that can be sent to strangers: a burst, refilled over the hours. Withdrawn, refused and repeated
 * mails count too.
 */
export const mailLimits = {
  /** To one mailbox, from all people and tenants: invitations and confirmations of addresses. */
  'to-mailbox': { most: 10, hours: 24 },
  /** Invitations of one tenant to one mailbox. */
  'to-mailbox-of-tenant': { most: 5, hours: 24 },
  'invitations-of-tenant': { most: 200, hours: 24 },
  /** By one person, in all tenants. */
  'invitations-of-person': { most: 100, hours: 24 },
  'address-changes-of-person': { most: 5, hours: 24 },
  'resets-of-mailbox': { most: 5, hours: 6 },
  'resets-from-network': { most: 100, hours: 1 },
} as const;
export type MailLimit = keyof typeof mailLimits;

export interface Paused {
  readonly limit: MailLimit;
  readonly retryAfterSeconds: number;
}

const hourMs = 3_600_000;
/** The longest window of any limit. */
const forgottenAfterMs = 2 * 24 * hourMs;

/** Normalises an address to its mailbox: drops plus tags, and dots where the service ignores them. */
export function mailboxOf(email: string): string {
  const [local = '', domain = ''] = normalEmail(email).split(/@(?=[^@]*$)/);
  const [name = ''] = local.split('+', 1);
  // Two domains of one service, which ignores dots.
  if (/^(gmail|googlemail)\.com$/.test(domain)) return `${name.replaceAll('.', '')}@gmail.com`;
  return `${name}@${domain}`;
}

/**
 * Leaky buckets in the database, under keyed hashes. They survive restarts and are shared by all processes. Mails are counted
 * before anything is looked up, so that the limits do not reveal who has an account.
 */
export class MailLimits {
  constructor(private readonly deps: Deps<'em' | 'secret' | 'now'>) {}

  /** Counts one mail against all limits; if any limit is exceeded, counts nothing and answers the longest pause. */
  async take(wanted: readonly (readonly [limit: MailLimit, of: string])[]): Promise<Paused | null> {
    const asked = wanted.map(([limit, of]) => ({
      limit,
      key: throttleKey(this.deps.secret, 'email', `mail ${limit} ${of}`),
    }));
    const keys = asked.map(({ key }) => key).sort(Buffer.compare);
    const now = this.deps.now();
    return inSchemaScope(this.deps.em, 'identity', async (em) => {
      await em.nativeDelete(MailCountEntity, { at: { $lt: now - forgottenAfterMs } });
      // In key order, here and below, to avoid deadlocks between requests that count the same keys.
      await em
        .createQueryBuilder(MailCountEntity)
        .insert(keys.map((key) => ({ key, level: 0, at: now })))
        .onConflict('key')
        .ignore()
        .execute('run');
      const rows = await em.find(
        MailCountEntity,
        { key: { $in: keys } },
        { orderBy: { key: 'asc' }, lockMode: LockMode.PESSIMISTIC_WRITE },
      );
      const levels = new Map(rows.map(({ key, level, at }) => [key.toString('hex'), { level, at }]));
      let paused: Paused | null = null;
      const next = asked.map(({ limit, key }) => {
        const { most, hours } = mailLimits[limit];
        const { level, at } = levels.get(key.toString('hex')) ?? { level: 0, at: now };
        const perMail = (hours * hourMs) / most;
        const left = Math.max(0, level - Math.max(0, now - at) / perMail) + 1;
        const retryAfterSeconds = Math.max(1, Math.ceil(((left - most) * perMail) / 1000));
        if (left > most && retryAfterSeconds > (paused?.retryAfterSeconds ?? 0)) paused = { limit, retryAfterSeconds };
        return { key, level: left, at: Math.max(at, now) };
      });
      if (paused === null) {
        await em
          .createQueryBuilder(MailCountEntity)
          .insert(next)
          .onConflict('key')
          .merge(['level', 'at'])
          .execute('run');
      }
      return paused;
    });
  }
}

export const inWords = (seconds: number): string => {
  const minutes = Math.ceil(seconds / 60);
  if (minutes >= 120) return `${Math.ceil(minutes / 60)} hours`;
  return `${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
};

const why: Readonly<Record<MailLimit, string>> = {
  'to-mailbox': 'Too many mails were sent to this address recently.',
  'to-mailbox-of-tenant': 'This address was invited too often recently.',
  'invitations-of-tenant': 'This tenant has sent too many invitations recently.',
  'invitations-of-person': 'You have sent too many invitations recently.',
  'address-changes-of-person': 'Too many links were requested.',
  'resets-of-mailbox': 'Too many links were requested. Check your mail.',
  'resets-from-network': 'Too many links were requested.',
};

export const tooManyMails = ({ limit, retryAfterSeconds }: Paused): Rejection => {
  const message = `${why[limit]} Try again in ${inWords(retryAfterSeconds)}.`;
  const ofAddress = limit.startsWith('to-mailbox');
  return reject('identity.too-many-mails', message, {
    status: 429,
    details: { retryAfterSeconds },
    ...(ofAddress ? { errors: [{ pointer: '/email', code: 'too-many', message }] } : {}),
  });
};
