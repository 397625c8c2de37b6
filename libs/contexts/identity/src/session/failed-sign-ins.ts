import { isRejection, nameId, streamName } from '@daybook/kernel';
import { inSchemaScope, statement } from '@daybook/postgres';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import type { Deps } from '../injected.js';
import { platformTenant } from '../person/person.events.js';
import { identifierOf, maskedIdentifier } from './secret-sealing.js';
import { FailedSignInEntity, type FailedSignInRow } from './session.entities.js';
import { recordFailedSignIns } from './session.internal.js';
import { type RequestContext, callerAs } from './internal-commands.js';

const minuteMs = 60_000;
const batch = 100;

/** One stream a day, so that none grows without limit. */
export const failedSignInStream = (minute: string): string =>
  streamName('identity.signins', platformTenant, nameId(platformTenant, 'sign-in-failures', minute.slice(0, 10)));

/**
 * Records failed sign-ins as events. They are counted in a row per identifier and minute, and recorded when the minute is
 * over, so that an attack makes one event a minute. Rows that a stopped process left are recorded after the next failure.
 */
export class FailedSignIns {
  private isScheduled = false;

  constructor(
    private readonly deps: Deps<'em' | 'secret' | 'logger'>,
    private readonly schedule = (work: () => void, ms: number): void => void setTimeout(work, ms).unref(),
  ) {}

  async count(identifier: string, asking: RequestContext): Promise<void> {
    await this.rows((em) =>
      // SQL: the conflict is with the row that still counts, by its partial index.
      statement(
        em,
        `insert into identity.failed_sign_ins (identifier, minute, masked, count)
         values ($1, date_trunc('minute', now()), $2, 1)
         on conflict (minute, identifier) where not taken do update set count = failed_sign_ins.count + 1`,
        [identifierOf(this.deps.secret, identifier), maskedIdentifier(identifier)],
      ),
    );
    this.recordSoon(asking);
  }

  /**
   * Records the minutes that are over by the clock of the database, which also names them. Their rows are taken first: one
   * that comes late for its minute is counted in another row, so that a retry after a crash has the same command id and the
   * same count. A row that is refused waits for the next run, with what is still counted.
   */
  async record(asking: RequestContext): Promise<{ recorded: number; waiting: number }> {
    const over = { taken: false, minute: { $lt: raw(`date_trunc('minute', now())`) } };
    await this.rows((em) => em.nativeUpdate(FailedSignInEntity, over, { taken: true }));
    let [recorded, refused] = [0, 0];
    for (;;) {
      const rows = await this.rows((em) =>
        em.find(
          FailedSignInEntity,
          { taken: true },
          { orderBy: { minute: 'asc', id: 'asc' }, limit: batch, offset: refused },
        ),
      );
      if (rows.length === 0) break;
      for (const row of rows) {
        if (await this.recordRow(row, asking)) recorded += 1;
        else refused += 1;
      }
    }
    return { recorded, waiting: await this.rows((em) => em.count(FailedSignInEntity)) };
  }

  private async recordRow(row: FailedSignInRow, asking: RequestContext): Promise<boolean> {
    const { id, identifier, minute, masked, count } = row;
    const caller = callerAs(asking, { kind: 'system', id: 'sign-in' }, platformTenant);
    const commandId = nameId(platformTenant, recordFailedSignIns.name, id);
    const input = { identifier, minute, masked, count };
    const outcome = await asking.executeAs(caller, recordFailedSignIns, input, { commandId, expectedVersion: null });
    if (isRejection(outcome)) {
      this.deps.logger.warn({ code: outcome.code }, 'a failed sign-in waits to be recorded');
      return false;
    }
    await this.rows((em) => em.nativeDelete(FailedSignInEntity, { id }));
    return true;
  }

  /** Runs when the current minute is over. If the process stops before, the next one records the rows. */
  private recordSoon(asking: RequestContext): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    const untilOver = minuteMs - (Date.now() % minuteMs) + 500;
    this.schedule(() => {
      this.isScheduled = false;
      this.record(asking).then(
        ({ waiting }) => waiting > 0 && this.recordSoon(asking),
        (error: unknown) => this.deps.logger.warn({ err: error }, 'failed sign-ins wait to be recorded'),
      );
    }, untilOver);
  }

  private rows<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    return inSchemaScope(this.deps.em, 'identity', work);
  }
}
