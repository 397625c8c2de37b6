import { randomUUID } from 'node:crypto';
import { inSchemaScope } from '@daybook/postgres';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import * as z from 'zod';
import { MailEntity } from './outbox.entity.js';
import { type Mail, MailNotSent, type Message } from './port.js';

/**
 * A message, or a template that composes one when it is sent. Nothing is looked up before that, so the time of an answer does
 * not tell whether an address is known.
 */
const posted = z.union([
  z.object({
    message: z.object({ to: z.string(), subject: z.string(), text: z.string(), about: z.string().default('') }),
  }),
  z.object({ template: z.string(), value: z.string() }),
]);
export type Posted = z.infer<typeof posted>;

export interface MailTemplate {
  /** A mail older than this is of no use any more. */
  readonly hours: number;
  /** The message for this value; null: there is nothing to say. */
  readonly compose: (value: string) => Promise<Message | null>;
}

const messageHours = 48;
/** Longer than a mail server keeps a sender waiting, so that no other process takes a message that is being sent. */
const firstPauseSeconds = 120;
const longestPauseSeconds = 3_600;
export const pollEveryMs = 15_000;
const batch = 20;

interface Row {
  readonly id: string;
  readonly sealed: Buffer;
  readonly tries: number;
  readonly over: boolean;
}
export interface OutboxOptions {
  readonly em: EntityManager;
  readonly mail: Pick<Mail, 'send'>;
  /** Encrypts what waits: a link in clear would open an account to whoever reads the database. */
  readonly sealing: { seal(clear: Buffer): Buffer; unseal(sealed: Buffer): Buffer };
  readonly template: (name: string) => MailTemplate;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  /** Runs work after the answer. */
  readonly afterResponse: { add(what: string, work: () => Promise<void>): void };
  /** Runs work again and again in processes of the API. */
  readonly periodicTasks: { every(what: string, ms: number, work: () => Promise<void>): void };
}

/**
 * The outbox: mails are stored before the answer and sent after it, by any process of the API. Delivery is at least once: a
 * crash during sending may send a mail twice. Rows are sealed, and deleted once the mail is sent or given up.
 */
export class Outbox {
  constructor(private readonly options: OutboxOptions) {
    options.periodicTasks.every('sending mails', pollEveryMs, () => this.work());
  }

  /** Stored when this resolves; sent after the answer. */
  async put(what: Posted): Promise<void> {
    const sealed = this.options.sealing.seal(Buffer.from(JSON.stringify(what)));
    const hours = 'message' in what ? messageHours : this.options.template(what.template).hours;
    const until = raw('now() + make_interval(hours => ?)', [hours]);
    await inSchemaScope(this.options.em, 'mail', (em) => em.insert(MailEntity, { id: randomUUID(), sealed, until }));
    this.options.afterResponse.add('sending mails', () => this.work());
  }

  /** Sends what is due. Each mail is taken by one process, and by another one after a pause if it was not sent. */
  async work(): Promise<void> {
    let taken: readonly Row[];
    do {
      taken = await this.take();
      for (const row of taken) {
        if (row.over || (await this.isDone(row))) await this.drop([row.id]);
      }
    } while (taken.length === batch);
  }

  /** Drops messages about this id, and what waits for a template with one of these values. Answers how many. */
  async forget(about: string, values: readonly string[]): Promise<number> {
    const rows = await inSchemaScope(this.options.em, 'mail', (em) => em.findAll(MailEntity));
    const wanted = rows.filter(({ sealed }) => {
      const what = this.open(sealed);
      return 'message' in what ? what.message.about === about : values.includes(what.value);
    });
    await this.drop(wanted.map(({ id }) => id));
    return wanted.length;
  }

  /** The next attempt is scheduled before this one, so that a mail that crashes the process is not tried for ever. */
  private async take(): Promise<readonly Row[]> {
    const rows = await inSchemaScope(this.options.em, 'mail', (em) =>
      // SQL: processes that send at the same time skip each other's rows, in one statement.
      em.execute<Row[]>(
        `update mail.outbox m set tries = m.tries + 1,
           next_at = now() + make_interval(secs => least(?, ? * power(2, least(m.tries, 10))))
         from (select id from mail.outbox where next_at <= now() order by next_at limit ${batch}
           for update skip locked) due
         where m.id = due.id returning m.id, m.sealed, m.tries, m.until < now() as over`,
        [longestPauseSeconds, firstPauseSeconds],
      ),
    );
    for (const { id, tries } of rows.filter(({ over }) => over)) this.giveUp(id, tries - 1, null);
    return rows;
  }

  /** Is there nothing more to do for it? */
  private async isDone({ id, sealed, tries }: Row): Promise<boolean> {
    const { mail, logger } = this.options;
    try {
      const message = await this.compose(this.open(sealed));
      if (message !== null) await mail.send(message);
      return true;
    } catch (error) {
      const { code, status } = error instanceof MailNotSent ? error : { code: 'EPROGRAM', status: null };
      if (status !== null && status >= 500) {
        this.giveUp(id, tries, status);
        return true;
      }
      logger.warn({ mail: id, tries, code, status, err: error }, 'a mail waits for the next attempt');
      return false;
    }
  }

  private async compose(what: Posted): Promise<Message | null> {
    return 'message' in what ? what.message : this.options.template(what.template).compose(what.value);
  }

  private giveUp(mail: string, tries: number, status: number | null): void {
    this.options.logger.error({ mail, tries, status }, 'a mail is given up');
  }

  private async drop(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await inSchemaScope(this.options.em, 'mail', (em) => em.nativeDelete(MailEntity, { id: { $in: [...ids] } }));
  }

  private open(sealed: Buffer): Posted {
    return posted.parse(JSON.parse(this.options.sealing.unseal(sealed).toString()));
  }
}
