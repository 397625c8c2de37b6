import type { RecordedEvent } from '@daybook/kernel';
import { type EventReader, StateCache } from '@daybook/server';
import { ruleRemoved, ruleSet } from './rule.events.js';
import { rulesInForce, rulesStream } from './rules-in-force.js';

const tenant = '0199a9b2-0000-7000-8000-00000000000a';
const id = '0199a9b2-0000-7000-8000-00000000000b';
const data = { operation: 'accounting.entry.post', above: null, role: null, approvers: 1, approverRole: null };

describe('the rules in force', () => {
  function log() {
    const all: RecordedEvent[] = [];
    const read: number[] = [];
    const events: EventReader = {
      stream: async function* (_, { from = 0 } = {}) {
        read.push(from);
        yield* all.slice(from);
      },
    };
    const record = ({ type, data: given }: { type: string; data: unknown }) =>
      all.push({ type, data: given, revision: all.length } as RecordedEvent);
    const asked: string[] = [];
    const lastRevisions = async (streams: readonly string[]) => {
      asked.push(...streams);
      return streams.map(() => all.length - 1);
    };
    const states = new StateCache({ events, lastRevisions, logWentBack: async () => undefined });
    return { all, read, asked, record, rules: states.of(rulesInForce) };
  }

  it('are read only when their stream has moved, where the request knows how far it goes', async () => {
    const { all, read, asked, record, rules } = log();
    expect(await rules.current(tenant, tenant, -1)).toBeNull();
    expect(read).toEqual([]);
    record(ruleSet.of({ ruleId: id, ...data }));
    for (let time = 0; time < 3; time++) expect((await rules.current(tenant, tenant, all.length - 1))?.size).toBe(1);
    expect(read).toEqual([0]);
    record(ruleRemoved.of({ ruleId: id, operation: data.operation }));
    await rules.current(tenant, tenant, all.length - 1);
    expect([read, asked]).toEqual([[0, 1], []]);
  });

  it('are read up to the end of their stream otherwise, which is asked for with each look-up', async () => {
    const { read, asked, record, rules } = log();
    expect(await rules.current(tenant)).toBeNull();
    record(ruleSet.of({ ruleId: id, ...data }));
    for (let time = 0; time < 2; time++) expect((await rules.current(tenant))?.size).toBe(1);
    expect([read, asked]).toEqual([[0], Array(3).fill(rulesStream(tenant))]);
  });
});
