import fc from 'fast-check';
import { isRejection } from '@daybook/kernel';
import {
  type RequestEvent,
  requestApproved,
  requestChanged,
  requestCompleted,
  type RequestSubmitted,
} from './request.events.js';
import { unmet } from './requirements.js';
import { fold, given, submitted, ruleId } from './testing/given.js';

/* Invariants of an approval request. */
const people = ['kari', 'ola', 'per', 'ida', 'delegate'] as const;
const requirements = fc.uniqueArray(
  fc.record({
    ruleId: fc.integer({ min: 1, max: 3 }).map(ruleId),
    approvers: fc.integer({ min: 1, max: 3 }),
    approverRole: fc.constantFrom(null, 'Owner'),
  }),
  { minLength: 1, maxLength: 3, selector: (one) => one.ruleId },
);
const attempt = fc.record({
  name: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom('record-approval' as const, 'complete' as const, 'fail' as const) },
    { weight: 1, arbitrary: fc.constantFrom('record-change' as const, 'reject' as const, 'withdraw' as const) },
  ),
  actor: fc.constantFrom(...people),
  behalf: fc.constantFrom(false, false, false, true),
  roles: fc.constantFrom(['Owner'], ['Admin']),
  contentVersion: fc.constantFrom(1, 1, 2),
  requirements,
});

describe('whatever anybody tries with an approval request', () => {
  it('it is done only after enough others approved its last content', () => {
    let ended = 0;
    fc.assert(
      fc.property(requirements, fc.array(attempt, { minLength: 15, maxLength: 40 }), (pinned, attempts) => {
        const events: RequestEvent[] = [submitted({ requirements: pinned })];
        for (const one of attempts) {
          const onBehalfOf = one.behalf ? { kind: 'person' as const, id: 'kari' } : null;
          const input = ['complete', 'fail'].includes(one.name) ? { contentVersion: one.contentVersion } : {};
          const changed = {
            input: {},
            summary: 'Entry',
            amount: null,
            companyId: null,
            about: null,
            recordType: null,
            recordId: null,
            custodians: [],
            addressee: null,
            requirements: one.requirements,
          };
          const decision = given(...events).when(one.name, { actor: one.actor, onBehalfOf, roles: one.roles, changed }, input); // prettier-ignore
          if (!isRejection(decision)) events.push(...decision.events);
        }
        const state = fold(events);
        if (state.status === 'absent' || state.status !== 'completed') return;
        ended++;
        const last = events.findLastIndex(
          ({ type }) => type === requestChanged.name || type === 'approvals.request-submitted',
        );
        const since = events.slice(last + 1);
        const approvals = since.flatMap((event) => (event.type === requestApproved.name ? [event.data] : []));
        const approvers = approvals.map(({ by }) => by);
        expect(new Set(approvers).size).toBe(approvers.length);
        expect(approvers).not.toContain('kari');
        const edit = events[last]!;
        if (edit.type === requestChanged.name) for (const by of edit.data.by) expect(approvers).not.toContain(by);
        expect(unmet((edit.data as RequestSubmitted).requirements, approvals)).toEqual([]);
        for (const one of pinned) expect(state.requirements).toContainEqual(one);
        expect(since.filter(({ type }) => type === requestCompleted.name)).toHaveLength(1);
      }),
      { numRuns: 1000 },
    );
    expect(ended).toBeGreaterThan(100);
  });
});
