import { type CommandOperation, command, guarded } from '@daybook/kernel';
import * as z from 'zod';
import { patchedInput } from './patched-input.js';

const text = guarded(z.string(), 'accounting.entry.text', 'Text');
const post = command('accounting.entry.post', {
  title: 'Post',
  http: 'POST /v1/accounting/entries',
  says: 'posted',
  input: z.object({
    date: z.string(),
    text: text.optional(),
    until: z.string().nullable().optional(),
    lines: z.array(z.object({ amount: z.string(), text: text.optional() })),
  }),
}) as unknown as CommandOperation;
const before = { date: '2026-03-31', text: 'Fee', until: '2027', lines: [{ amount: '1', text: 'Kari' }, { amount: '2' }] }; // prettier-ignore
const blind = { 'accounting.entry.text': 'mask' } as const;

describe('a change of a waiting command', () => {
  const changed = (patch: object, rules = {}) => patchedInput(post, before, { ...patch }, rules);

  it('leaves what it does not name as it is, whatever the person may see of it', () => {
    expect(changed({ date: '2026-04-01' }, blind)).toEqual({ ...before, date: '2026-04-01' });
    expect(changed({ lines: { 0: { amount: '3' } } }, blind)).toEqual({
      ...before,
      lines: [{ amount: '3', text: 'Kari' }, { amount: '2' }],
    });
  });

  it('takes a field away by null, or sets it to null where the operation knows that', () => {
    const { text: _, ...rest } = before;
    expect(changed({ text: null })).toEqual(rest);
    expect(changed({ until: null })).toEqual({ ...before, until: null });
    expect(changed({ lines: { 0: { text: null } } })).toEqual({ ...before, lines: [{ amount: '1' }, { amount: '2' }] });
  });

  it('is refused where a new list would lose what the person may not see', () => {
    const lines = [{ amount: '3' }, { amount: '2' }];
    expect(changed({ lines })).toEqual({ ...before, lines });
    expect(changed({ lines }, blind)).toMatchObject({
      code: 'platform.field-hidden',
      status: 403,
      errors: [{ pointer: '/lines', code: 'hidden', message: expect.stringContaining('lines.0.text') }],
    });
  });

  it('names no place of a list that is not there', () => {
    expect(changed({ lines: { 2: { amount: '3' } } })).toEqual({ ...before, lines: { 2: { amount: '3' } } });
    expect(patchedInput(post, null, { date: 'x' }, {})).toEqual({ date: 'x' });
  });
});
