import { mock } from 'node:test';
import { type CommandOperation, nameId, reject, type Rejection } from '@daybook/kernel';
import type { Caller } from '@daybook/server';
import { platformTenant } from '../person/person.events.js';
import { identityDatabase } from '../testing/identity-database.js';
import { FailedSignIns } from './failed-sign-ins.js';
import type { RequestContext } from './internal-commands.js';
import type { FailedSignInCommand } from './session.internal.js';

type Input = FailedSignInCommand['input'];
const caller: Caller = {
  tenant: platformTenant,
  actor: { kind: 'system', id: 'spec' },
  channel: 'system',
  address: null,
  correlationId: 'trace',
  reason: null,
};

describe('failed sign-ins', () => {
  const people = identityDatabase();
  const { ask } = people;
  let failures: FailedSignIns;
  let warned: unknown[];
  /** What the timer would run when the minute is over. */
  let scheduled: (() => void)[];
  /** What was recorded, by command id, as the log keeps it. */
  let recorded: Map<string, Input>;
  let before: (input: Input) => Promise<Rejection | null>;
  const executeAs = async (_: Caller, __: CommandOperation, input: unknown, { commandId }: { commandId: string }) => {
    const refused = await before(input as Input);
    if (refused) return refused;
    const known = recorded.get(commandId);
    if (known && JSON.stringify(known) !== JSON.stringify(input)) {
      return reject('platform.idempotency-key-reused', 'Another input.', { status: 422 });
    }
    recorded.set(commandId, input as Input);
    return { id: commandId, version: 1, position: '1' };
  };
  const asking = { caller, commandId: nameId(platformTenant, 'spec'), executeAs } as unknown as RequestContext;
  beforeEach(async () => {
    await ask('delete from identity.failed_sign_ins');
    [warned, scheduled, recorded, before] = [[], [], new Map(), async () => null];
    const logger = { warn: (...said: unknown[]) => void warned.push(said) };
    const deps = { em: people.em, secret: people.secret, logger } as unknown as ConstructorParameters<typeof FailedSignIns>[0]; // prettier-ignore
    failures = new FailedSignIns(deps, (work) => void scheduled.push(work));
  });
  /** As if every row had been counted in the minute before. */
  const aged = () =>
    ask(`update identity.failed_sign_ins set minute = date_trunc('minute', now()) - interval '1 minute'`);
  const minute = async () => (await ask<{ at: string }>(`select date_trunc('minute', now())::text as at`))[0]?.at;
  /** All in one minute. */
  const fail = async (...identifiers: string[]): Promise<void> => {
    const began = await minute();
    for (const identifier of identifiers) await failures.count(identifier, asking);
    if (began === (await minute())) return;
    await ask('delete from identity.failed_sign_ins where not taken');
    await fail(...identifiers);
  };
  const counts = () => [...recorded.values()].map(({ masked, count }) => `${masked} ${count}`).toSorted();
  const rows = async () => (await ask('select from identity.failed_sign_ins')).length;

  it('are counted until their minute is over, and recorded once', async () => {
    await fail('ada@example.org', 'ada@example.org', 'bob@example.org');
    await aged();
    expect(await failures.record(asking)).toEqual({ recorded: 2, waiting: 0 });
    expect(counts()).toEqual(['a•••@••• 2', 'b•••@••• 1']);
    expect(await failures.record(asking)).toEqual({ recorded: 0, waiting: 0 });
  });

  it('wait while their minute goes on in the database, whatever the clock of the process says', async () => {
    await fail('ada@example.org');
    await ask(`update identity.failed_sign_ins set minute = date_trunc('minute', now()) + interval '1 minute'`);
    expect(await failures.record(asking)).toEqual({ recorded: 0, waiting: 1 });
    await aged();
    expect(await failures.record(asking)).toEqual({ recorded: 1, waiting: 0 });
  });

  it('are recorded by themselves a minute later when the clock of the process was ahead of the database', async () => {
    await fail('ada@example.org');
    await ask(`update identity.failed_sign_ins set minute = date_trunc('minute', now()) + interval '1 hour'`);
    const runs = mock.method(failures, 'record');
    const next = async () => {
      scheduled.shift()?.();
      const outcome = await runs.mock.calls.at(-1)?.result;
      await new Promise((resume) => setImmediate(resume));
      return outcome;
    };
    expect([await next(), scheduled.length]).toEqual([{ recorded: 0, waiting: 1 }, 1]);
    await aged();
    expect([await next(), scheduled.length]).toEqual([{ recorded: 1, waiting: 0 }, 0]);
  });

  it('go on being recorded after one that came late for a minute that was recorded before', async () => {
    await fail('ada@example.org', 'ada@example.org');
    await aged();
    await failures.record(asking);
    await fail('ada@example.org', 'bob@example.org');
    await aged();
    await failures.record(asking);
    expect(counts()).toEqual(['a•••@••• 1', 'a•••@••• 2', 'b•••@••• 1']);
    expect(await rows()).toBe(0);
  });

  it('are all counted when one comes while its minute is being recorded', async () => {
    await fail('ada@example.org');
    await aged();
    before = async () => {
      before = async () => null;
      await fail('ada@example.org');
      await aged();
      return null;
    };
    await failures.record(asking);
    await failures.record(asking);
    expect(counts()).toEqual(['a•••@••• 1', 'a•••@••• 1']);
  });

  it('are counted once when the process stopped before it could delete what it had recorded, and another one came', async () => {
    await fail('ada@example.org');
    await aged();
    const [first] = await ask('select * from identity.failed_sign_ins');
    await failures.record(asking);
    await ask(
      'insert into identity.failed_sign_ins select * from json_populate_record(null::identity.failed_sign_ins, $1)',
      [{ ...first, taken: true }],
    );
    await fail('ada@example.org');
    await aged();
    await failures.record(asking);
    expect(counts()).toEqual(['a•••@••• 1', 'a•••@••• 1']);
    expect(await rows()).toBe(0);
  });

  it('are recorded although one of them is refused, which is tried again', async () => {
    await fail('ada@example.org', 'bob@example.org', 'eva@example.org');
    await aged();
    const busy = reject('platform.busy', 'Busy.', { status: 503 });
    before = async ({ masked }) => (masked.startsWith('b') ? busy : null);
    expect(await failures.record(asking)).toEqual({ recorded: 2, waiting: 1 });
    expect([counts(), warned.length]).toEqual([['a•••@••• 1', 'e•••@••• 1'], 1]);
    before = async () => null;
    expect(await failures.record(asking)).toEqual({ recorded: 1, waiting: 0 });
  });
});
