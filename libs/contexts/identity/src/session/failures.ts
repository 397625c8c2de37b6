import { isRejection, nameId, streamName } from '@daybook/kernel';
import { inRoom } from '@daybook/postgres';
import type { Given } from '../injected.js';
import { platformTenant } from '../person/person.events.js';
import { identifierOf, maskedIdentifier } from './keys.js';
import { recordFailures } from './session.operations.js';
import { type Asking, inNameOf } from './steps.js';

const minuteMs = 60_000;
const batch = 100;

interface Counted {
  readonly identifier: string;
  readonly minute: string;
  readonly masked: string;
  readonly count: number;
}

/** The stream of a day, so that none grows without end. */
export const failureStream = (minute: string): string =>
  streamName('identity.failures', platformTenant, nameId(platformTenant, 'sign-in-failures', minute.slice(0, 10)));

/**
 * Failed sign-ins as events: counted in a row per identifier and minute, and recorded when the minute is
 * over, so that a storm of tries makes one event a minute. What a process left behind is recorded by the next failure.
 */
export class Failures {
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly resources: Given<'pool' | 'secret' | 'logger'>) {}

  async count(identifier: string, asking: Asking): Promise<void> {
    await inRoom(this.resources.pool, 'identity', (client) =>
      client.query(
        `insert into identity.failed_sign_ins as f (identifier, minute, masked, count)
         values ($1, date_trunc('minute', now()), $2, 1)
         on conflict (minute, identifier) do update set count = f.count + 1`,
        [identifierOf(this.resources.secret, identifier), maskedIdentifier(identifier)],
      ),
    );
    this.recordSoon(asking);
  }

  /** Records the minutes that are over by `now`. A repeat after a crash is recognised by its command id. */
  async record(asking: Asking, now = new Date()): Promise<number> {
    const { rows } = await inRoom(this.resources.pool, 'identity', (client) =>
      client.query<Counted>(
        `select identifier, minute, masked, count from identity.failed_sign_ins
         where minute < date_trunc('minute', $1::timestamptz) order by minute limit ${batch}`,
        [now.toISOString()],
      ),
    );
    const caller = inNameOf(asking, { kind: 'system', id: 'sign-in' }, platformTenant);
    for (const { identifier, minute, masked, count } of rows) {
      const input = { identifier, minute, masked, count };
      const commandId = nameId(platformTenant, recordFailures.name, minute, identifier);
      const outcome = await asking.executeAs(caller, recordFailures, input, { commandId, expectedVersion: null });
      if (isRejection(outcome)) throw new Error(`Failed sign-ins cannot be recorded: ${outcome.code}`);
      await inRoom(this.resources.pool, 'identity', (client) =>
        client.query('delete from identity.failed_sign_ins where identifier = $1 and minute = $2', [
          identifier,
          minute,
        ]),
      );
    }
    return rows.length;
  }

  /** Once the running minute is over; a process that ends before leaves the rows to the next one. */
  private recordSoon(asking: Asking): void {
    if (this.timer !== null) return;
    const untilOver = minuteMs - (Date.now() % minuteMs) + 500;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.record(asking).then(
        (recorded) => recorded === batch && this.recordSoon(asking),
        (error: unknown) => this.resources.logger.warn({ err: error }, 'failed sign-ins wait to be recorded'),
      );
    }, untilOver).unref();
  }
}
