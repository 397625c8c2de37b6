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
}

const messageHours = 48;
/** Longer than the timeout of a mail server, so that no other process takes a message that is being sent. */
const firstPauseSeconds = 120;
const longestPauseSeconds = 3_600;
export const pollEveryMs = 15_000;
/** Refused for good: the recipient or the message itself (nodemailer). Refused logins and greetings are our own setup's fault. */
const refusedForGood = ['EENVELOPE', 'EMESSAGE'];

interface Row {
  readonly id: string;
  readonly sealed: Buffer;
  readonly tries: number;
  readonly over: boolean;
}
export interface OutboxOptions {
  readonly em: EntityManager;
  readonly mail: Pick<Mail, 'send'>;
  /** Encrypts waiting mails, since a link in clear would open an account to anybody who can read the database. */
  readonly sealing: { seal(clear: Buffer): Buffer; unseal(sealed: Buffer): Buffer };
  readonly template: (name: string) => MailTemplate;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  /** Runs work after the response. */
  readonly afterResponse: { add(what: string, work: () => Promise<void>): void; readonly stopping: AbortSignal };
  /** Runs work periodically in API processes. */
  readonly periodicTasks: { every(what: string, ms: number, work: () => Promise<void>): void };
}

/**
 * The outbox: mails are stored before the response and sent after it, by any API process. Delivery is at least once: after a
 * crash a mail may be sent twice. Rows are encrypted, and deleted once the mail is sent or given up.
 */
export class Outbox {
  constructor(private readonly options: OutboxOptions) {
    options.periodicTasks.every('sending mails', pollEveryMs, () => this.work());
  }

  /** The mail is stored when this resolves, and sent after the response. */
  async put(what: Posted): Promise<void> {
    const sealed = this.options.sealing.seal(Buffer.from(JSON.stringify(what)));
    const hours = 'message' in what ? messageHours : this.options.template(what.template).hours;
    const until = raw('now() + make_interval(hours => ?)', [hours]);
    await inSchemaScope(this.options.em, 'mail', (em) => em.insert(MailEntity, { id: randomUUID(), sealed, until }));
    this.options.afterResponse.add('sending mails', () => this.work());
  }

  /** Sends due mails. Each is leased by one process; another may take it after a pause if it was not sent. */
  async work(): Promise<void> {
    const { stopping } = this.options.afterResponse;
    while (!stopping.aborted) {
      const row = await this.take();
      if (row === null) return;
      if (row.over || (await this.isDone(row))) await this.drop([row.id]);
    }
  }

  /** Deletes messages about this id, and template mails with one of these values. Returns how many. */
  async forget(about: string, values: readonly string[]): Promise<number> {
    const rows = await inSchemaScope(this.options.em, 'mail', (em) => em.findAll(MailEntity));
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
         from due where m.id = due.id returning m.id, m.sealed, m.tries, m.until < now() as over`,
        [longestPauseSeconds, firstPauseSeconds],
      ),
    );
    if (row?.over) this.giveUp(row.id, row.tries - 1, null);
    return row ?? null;
  }

  /** Sends one mail; false when it has to be retried. */
  private async isDone({ id, sealed, tries }: Row): Promise<boolean> {
    const { mail, logger } = this.options;
    try {
      const message = await this.compose(this.open(sealed));
      if (message !== null) await mail.send(message);
      return true;
    } catch (error) {
      // Of other errors the kind alone is logged: their words may quote the mail.
      const { code, status } =
        error instanceof MailNotSent ? error : { code: error instanceof Error ? error.name : 'EPROGRAM', status: null };
      if (status !== null && status >= 500 && refusedForGood.includes(code)) {
        this.giveUp(id, tries, status);
        return true;
      }
      logger.warn({ mail: id, tries, code, status }, 'a mail waits for the next attempt');
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
