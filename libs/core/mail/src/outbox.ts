import { randomUUID } from 'node:crypto';
import { inSchemaScope } from '@daybook/postgres';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import * as z from 'zod';
import { MailEntity } from './outbox.entity.js';
import { type Mail, MailNotSent, type Message } from './port.js';

/**
 * A message, or a template that composes one when it is sent. Nothing is looked up before that, so response times do not
 * reveal whether an address is known.
 */
const posted = z.union([
  z.object({
    message: z.object({ to: z.string(), subject: z.string(), text: z.string(), about: z.string().default('') }),
  }),
  z.object({ template: z.string(), value: z.string() }),
]);
export type Posted = z.infer<typeof posted>;

export interface MailTemplate {
  /** An older mail is useless and is given up. */
  readonly hours: number;
  /** The message for this value; null when there is nothing to send. */
  readonly compose: (value: string) => Promise<Message | null>;
  /** Called before a mail is dropped that could not be sent; called again if it fails, so it must be idempotent. */
  readonly givenUp?: ((value: string) => Promise<void>) | undefined;
}

const messageHours = 48;
/** Longer than the timeout of a mail server, so that no other process takes a message that is being sent. */
const firstPauseSeconds = 120;
/** Longer than what sends a mail once may be repeated after. */
export const rememberedDays = 30;
/** Longer than a request may take to record a change. */
const holdSeconds = 600;
const longestPauseSeconds = 3_600;
export const pollEveryMs = 15_000;
/** Refused for good: the recipient or the message itself (nodemailer). Refused logins and greetings are our own setup's fault. */
const refusedForGood = ['EENVELOPE', 'EMESSAGE'];

interface Row {
  readonly id: string;
  readonly sealed: Buffer;
  readonly tries: number;
  readonly over: boolean;
  readonly once: boolean;
}
export interface OutboxOptions {
  readonly em: EntityManager;
  readonly mail: Pick<Mail, 'send'>;
  /** Encrypts waiting mails, since a link in clear would open an account to anybody who can read the database. */
  readonly sealing: { seal(clear: Buffer): Buffer; unseal(sealed: Buffer): Buffer };
  readonly template: (name: string) => MailTemplate | undefined;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  /** Runs work after the response. */
  readonly afterResponse: { add(what: string, work: () => Promise<void>): void; readonly stopping: AbortSignal };
  /** Runs work periodically in API processes. */
  readonly periodicTasks: { every(what: string, ms: number, work: () => Promise<void>): void };
}

/**
 * The outbox: mails are stored before the response and sent after it, by any API process. Delivery is at least once: after a
 * crash between sending and noting it a mail may be sent twice. Rows are encrypted, and deleted once the mail is sent or given up.
 */
export class Outbox {
  constructor(private readonly options: OutboxOptions) {
    options.periodicTasks.every('sending mails', pollEveryMs, () => this.work());
  }

  /** The mail is stored when this resolves, and sent after the response. */
  async put(what: Posted, id: string = randomUUID()): Promise<void> {
    await this.store(id, what, 0);
    this.options.afterResponse.add('sending mails', () => this.work());
  }

  /**
   * Puts a mail once in all: what repeats this under the same id, after a crash, sends nothing more. An id is remembered for
   * `rememberedDays` after its mail was sent or given up.
   */
  async putOnce(id: string, what: Posted): Promise<void> {
    await this.insert(id, what, 0, true);
    this.options.afterResponse.add('sending mails', () => this.work());
  }

  /**
   * Records a change and sends the mail about it, losing neither in a crash: the mail is stored before the change, and waits
   * until the change is recorded or the request must be over. The template composes nothing if the change is not recorded. A
   * change that is repeated under the same id does not add another mail to one that waits.
   */
  async putBefore<T>(id: string, what: Extract<Posted, { template: string }>, change: () => Promise<T>): Promise<T> {
    await this.store(id, what, holdSeconds);
    const outcome = await change();
    await this.put(what, id);
    return outcome;
  }

  /** Sends due mails. Each is leased by one process; another may take it after a pause if it was not sent. */
  async work(): Promise<void> {
    const { stopping } = this.options.afterResponse;
    while (!stopping.aborted) {
      const row = await this.take();
      if (row === null) return;
      const wasSent = row.sealed.length === 0;
      if (!wasSent && !(await this.isDone(row))) continue;
      if (row.once && !wasSent) await this.remember(row.id);
      else await this.drop([row.id]);
    }
  }

  /** Deletes messages about this id, and template mails with one of these values. Returns how many. */
  async forget(about: string, values: readonly string[]): Promise<number> {
    const rows = await inSchemaScope(this.options.em, 'mail', (em) =>
      em.find(MailEntity, { sealed: { $ne: Buffer.alloc(0) } }, { fields: ['id', 'sealed'] }),
    );
    const wanted = rows.filter(({ sealed }) => {
      const what = this.readable(sealed);
      if (what === null) return false;
      return 'message' in what ? what.message.about === about : values.includes(what.value);
    });
    await this.drop(wanted.map(({ id }) => id));
    return wanted.length;
  }

  /**
   * The mail that is due first, or null. One at a time: of many taken at once, the last would be sent after their leases had
   * ended. The next attempt is scheduled before this one, so that mails that crash the process are tried less and less often.
   */
  private async take(): Promise<Row | null> {
    const [row] = await inSchemaScope(this.options.em, 'mail', (em) =>
      // SQL for `skip locked`: concurrent processes skip each other's rows. Materialized, since a plan that reads `due` again
      // for each row would lease another mail each time.
      em.execute<Row[]>(
        `with due as materialized (
           select id from mail.outbox where next_at <= now() order by next_at limit 1 for update skip locked)
         update mail.outbox m set tries = m.tries + 1,
           next_at = now() + make_interval(secs => least(?, ? * power(2, least(m.tries, 10))))
         from due where m.id = due.id returning m.id, m.sealed, m.tries, m.until < now() as over, m.once`,
        [longestPauseSeconds, firstPauseSeconds],
      ),
    );
    return row ?? null;
  }

  /** Sends one mail, or gives it up; false when it has to be retried. */
  private async isDone(row: Row): Promise<boolean> {
    const { id, sealed, tries } = row;
    const { mail, logger } = this.options;
    if (row.over) return this.giveUp(row, tries - 1, null);
    try {
      const message = await this.compose(this.open(sealed));
      if (message !== null) await mail.send(message);
      return true;
    } catch (error) {
      // Of other errors the kind alone is logged: their words may quote the mail.
      const { code, status } =
        error instanceof MailNotSent ? error : { code: error instanceof Error ? error.name : 'EPROGRAM', status: null };
      if (status !== null && status >= 500 && refusedForGood.includes(code)) {
        return this.giveUp(row, tries, status);
      }
      logger.warn({ mail: id, tries, code, status }, 'a mail waits for the next attempt');
      return false;
    }
  }

  private async compose(what: Posted): Promise<Message | null> {
    return 'message' in what ? what.message : this.templateOf(what.template).compose(what.value);
  }

  private templateOf(name: string): MailTemplate {
    const template = this.options.template(name);
    if (!template) throw new Error(`No context has the mail template ${name}.`);
    return template;
  }

  /** Tells the template of a mail that cannot be sent; false when that has to be retried. */
  private async giveUp({ id: mail, sealed }: Row, tries: number, status: number | null): Promise<boolean> {
    const { logger, template } = this.options;
    const what = this.readable(sealed);
    try {
      if (what !== null && 'template' in what) await template(what.template)?.givenUp?.(what.value);
    } catch (error) {
      logger.warn({ mail, tries, code: error instanceof Error ? error.name : 'EPROGRAM' }, 'a mail cannot be given up');
      return false;
    }
    logger.error({ mail, tries, status }, 'a mail is given up');
    return true;
  }

  /** Stores a mail that is due in so many seconds; one that is stored already becomes due then. */
  private store(id: string, what: Posted, seconds: number): Promise<void> {
    return this.insert(id, what, seconds, false);
  }

  private async insert(id: string, what: Posted, seconds: number, once: boolean): Promise<void> {
    const sealed = this.options.sealing.seal(Buffer.from(JSON.stringify(what)));
    const hours = 'message' in what ? messageHours : this.templateOf(what.template).hours;
    const until = raw('now() + make_interval(hours => ?)', [hours]);
    const nextAt = raw('now() + make_interval(secs => ?)', [seconds]);
    await inSchemaScope(this.options.em, 'mail', (em) => {
      const inserted = em.createQueryBuilder(MailEntity).insert({ id, sealed, until, nextAt, once }).onConflict('id');
      return (once ? inserted.ignore() : inserted.merge(['nextAt'])).execute('run');
    });
  }

  /** Keeps the id of a mail that goes out once, without the mail, until it is due again: to be forgotten. */
  private async remember(id: string): Promise<void> {
    const nextAt = raw('now() + make_interval(days => ?)', [rememberedDays]);
    await inSchemaScope(this.options.em, 'mail', (em) =>
      em.nativeUpdate(MailEntity, { id }, { sealed: Buffer.alloc(0), nextAt }),
    );
  }

  private async drop(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await inSchemaScope(this.options.em, 'mail', (em) => em.nativeDelete(MailEntity, { id: { $in: [...ids] } }));
  }

  /** null for a row that cannot be opened: nothing in it can be told to be about anybody, and it is given up in time. */
  private readable(sealed: Buffer): Posted | null {
    try {
      return this.open(sealed);
    } catch {
      return null;
    }
  }

  private open(sealed: Buffer): Posted {
    return posted.parse(JSON.parse(this.options.sealing.unseal(sealed).toString()));
  }
}
