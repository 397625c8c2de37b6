import { randomUUID } from 'node:crypto';
import { type Mail, MailNotSent, type Message } from '@daybook/mail';
import { inSchemaScope } from '@daybook/postgres';
import type { AfterResponseQueue } from '@daybook/server/after-response';
import type { PeriodicTasks } from '@daybook/server/nest/periodic-tasks';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import * as z from 'zod';
import { normalEmail, seal, unseal } from '../session/keys.js';
import { MailEntity } from './link.entities.js';

/**
 * What is to be mailed: a message, or that somebody asked for a new password of this address. What there is to say to an
 * address is looked up when it is said, so that asking is the same work for an address that nobody has.
 */
const posted = z.union([
  z.object({
    message: z.object({ to: z.string(), subject: z.string(), text: z.string(), about: z.string().default('') }),
  }),
  z.object({ passwordReset: z.string() }),
]);
export type Posted = z.infer<typeof posted>;

/** Until when it is worth a try: a person who asked for a link asks again; that his password was changed he must learn. */
const hoursOf = (what: Posted): number => ('message' in what ? 48 : 1);
const purpose = 'mail';
/** Taken at once. Longer than a server of mail keeps a sender waiting, so that nobody takes what is being sent. */
const firstPauseSeconds = 120;
const longestPauseSeconds = 3_600;
export const lookEveryMs = 15_000;
const batch = 20;

interface Row {
  readonly id: string;
  readonly sealed: Buffer;
  readonly tries: number;
  readonly over: boolean;
}
export interface OutboxDeps {
  readonly secret: string;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  /** After the answer. */
  readonly afterResponse: Pick<AfterResponseQueue, 'add'>;
  readonly periodicTasks: Pick<PeriodicTasks, 'every'>;
  readonly em: EntityManager;
  readonly mail: Pick<Mail, 'send'>;
}

/**
 * Messages that wait to be sent, kept before the answer is given: a process that is killed after it leaves them to the next
 * one, in whatever process of the API that is (at least once: a crash while one is sent may send it twice). They lie sealed,
 * for a link in clear would open an account to who reads the database, and are gone when they are sent or given up.
 */
export class Outbox {
  constructor(
    private readonly deps: OutboxDeps,
    /** What to say to who asked for a new password of the address; null for an address that nobody has. */
    private readonly passwordReset: (email: string) => Promise<Message | null>,
  ) {
    deps.periodicTasks.every('mailing what was left', lookEveryMs, () => this.work());
  }

  /** Kept when this resolves; sent after the answer. */
  async put(what: Posted): Promise<void> {
    const sealed = seal(this.deps.secret, purpose, Buffer.from(JSON.stringify(what)));
    const until = raw('now() + make_interval(hours => ?)', [hoursOf(what)]);
    await inSchemaScope(this.deps.em, 'identity', (em) => em.insert(MailEntity, { id: randomUUID(), sealed, until }));
    this.deps.afterResponse.add('mailing', () => this.work());
  }

  /** Sends what is due. Each is taken by one process, and by the next one after a pause if that comes to nothing. */
  async work(): Promise<void> {
    let taken: readonly Row[];
    do {
      taken = await this.take();
      for (const row of taken) {
        if (row.over || (await this.sent(row))) await this.drop([row.id]);
      }
    } while (taken.length === batch);
  }

  /** What waits about a person who is erased, with the addresses that were theirs. Answers how much it was. */
  async forget(about: string, emails: readonly string[]): Promise<number> {
    const addresses = new Set(emails.map(normalEmail));
    const rows = await inSchemaScope(this.deps.em, 'identity', (em) => em.findAll(MailEntity));
    const wanted = rows.filter(({ sealed }) => {
      const what = this.open(sealed);
      return 'message' in what ? what.message.about === about : addresses.has(normalEmail(what.passwordReset));
    });
    await this.drop(wanted.map(({ id }) => id));
    return wanted.length;
  }

  /** The next try is fixed before this one: a process that dies of it leaves no message that is tried for ever. */
  private async take(): Promise<readonly Row[]> {
    const rows = await inSchemaScope(this.deps.em, 'identity', (em) =>
      // SQL: processes that send at the same time skip each other's rows, in one statement.
      em.execute<Row[]>(
        `update identity.mails m set tries = m.tries + 1,
           next_at = now() + make_interval(secs => least(?, ? * power(2, least(m.tries, 10))))
         from (select id from identity.mails where next_at <= now() order by next_at limit ${batch}
           for update skip locked) due
         where m.id = due.id returning m.id, m.sealed, m.tries, m.until < now() as over`,
        [longestPauseSeconds, firstPauseSeconds],
      ),
    );
    for (const { id, tries } of rows.filter(({ over }) => over)) this.giveUp(id, tries - 1, null);
    return rows;
  }

  /** Is there nothing more to do for it? */
  private async sent({ id, sealed, tries }: Row): Promise<boolean> {
    try {
      const what = this.open(sealed);
      const message = 'message' in what ? what.message : await this.passwordReset(what.passwordReset);
      if (message !== null) await this.deps.mail.send(message);
      return true;
    } catch (error) {
      const { code, status } = error instanceof MailNotSent ? error : { code: 'EPROGRAM', status: null };
      if (status !== null && status >= 500) {
        this.giveUp(id, tries, status);
        return true;
      }
      this.deps.logger.warn({ mail: id, tries, code, status, err: error }, 'a mail waits for the next try');
      return false;
    }
  }

  private giveUp(mail: string, tries: number, status: number | null): void {
    this.deps.logger.error({ mail, tries, status }, 'a mail is given up');
  }

  private async drop(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await inSchemaScope(this.deps.em, 'identity', (em) => em.nativeDelete(MailEntity, { id: { $in: [...ids] } }));
  }

  private open(sealed: Buffer): Posted {
    return posted.parse(JSON.parse(unseal(this.deps.secret, purpose, sealed).toString()));
  }
}
