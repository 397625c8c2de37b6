import { isRejection, nameId, streamName } from '@daybook/kernel';
import { inSchemaScope } from '@daybook/postgres';
import { raw } from '@mikro-orm/postgresql';
import type { Deps } from '../injected.js';
import { platformTenant } from '../person/person.events.js';
import { identifierOf, maskedIdentifier } from './secret-sealing.js';
import { FailedSignInEntity } from './session.entities.js';
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
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly deps: Deps<'em' | 'secret' | 'logger'>) {}

  async count(identifier: string, asking: RequestContext): Promise<void> {
    const failed = {
      identifier: identifierOf(this.deps.secret, identifier),
      minute: raw(`date_trunc('minute', now())`),
      masked: maskedIdentifier(identifier),
      count: 1,
    };
    await inSchemaScope(this.deps.em, 'identity', (em) =>
      em
        .createQueryBuilder(FailedSignInEntity)
        .insert(failed)
        .onConflict(['minute', 'identifier'])
        .merge({ count: raw('failed_sign_ins.count + 1') })
        .execute('run'),
    );
    this.recordSoon(asking);
  }

  /** Records the minutes that are over by `now`. A retry after a crash is recognised by its command id. */
  async record(asking: RequestContext, now = new Date()): Promise<number> {
    const running = new Date(now.getTime() - (now.getTime() % minuteMs)).toISOString();
    const rows = await inSchemaScope(this.deps.em, 'identity', (em) =>
      em.find(FailedSignInEntity, { minute: { $lt: running } }, { orderBy: { minute: 'asc' }, limit: batch }),
    );
    const caller = callerAs(asking, { kind: 'system', id: 'sign-in' }, platformTenant);
    for (const { identifier, minute, masked, count } of rows) {
      const input = { identifier, minute, masked, count };
      const commandId = nameId(platformTenant, recordFailedSignIns.name, minute, identifier);
      const outcome = await asking.executeAs(caller, recordFailedSignIns, input, { commandId, expectedVersion: null });
      if (isRejection(outcome)) throw new Error(`Failed sign-ins cannot be recorded: ${outcome.code}`);
      await inSchemaScope(this.deps.em, 'identity', (em) =>
        em.nativeDelete(FailedSignInEntity, { identifier, minute }),
      );
    }
    return rows.length;
  }

  /** Runs when the current minute is over. If the process stops before, the next one records the rows. */
  private recordSoon(asking: RequestContext): void {
    if (this.timer !== null) return;
    const untilOver = minuteMs - (Date.now() % minuteMs) + 500;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.record(asking).then(
        (recorded) => recorded === batch && this.recordSoon(asking),
        (error: unknown) => this.deps.logger.warn({ err: error }, 'failed sign-ins wait to be recorded'),
      );
    }, untilOver).unref();
  }
}
