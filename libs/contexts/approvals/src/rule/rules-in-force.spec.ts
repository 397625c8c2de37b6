import type { RecordedEvent } from '@daybook/kernel';
import type { EventReader } from '@daybook/server';
import { ruleRemoved, ruleSet } from './rule.events.js';
import { RulesInForce } from './rules-in-force.js';

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
    return { all, read, events, record };
  }

  it('are read only when their stream has moved, where the request knows how far it goes', async () => {
    const { all, read, events, record } = log();
    const rules = new RulesInForce();
    expect(await rules.of(tenant, events, -1)).toBeNull();
    expect(read).toEqual([]);
    record(ruleSet.of({ ruleId: id, ...data }));
    for (let time = 0; time < 3; time++) expect((await rules.of(tenant, events, all.length - 1))?.size).toBe(1);
    expect(read).toEqual([0]);
    record(ruleRemoved.of({ ruleId: id, operation: data.operation }));
    await rules.of(tenant, events, all.length - 1);
    expect(read).toEqual([0, 1]);
  });

  it('are read up to the end of their stream with each look-up otherwise', async () => {
    const { read, events, record } = log();
    const rules = new RulesInForce();
    expect(await rules.of(tenant, events)).toBeNull();
    record(ruleSet.of({ ruleId: id, ...data }));
    expect((await rules.of(tenant, events))?.size).toBe(1);
    await rules.of(tenant, events);
    expect(read).toEqual([0, 0, 1]);
  });
});
