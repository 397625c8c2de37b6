import { command, guarded, isRejection } from '@daybook/kernel';
import fc from 'fast-check';
import * as z from 'zod';
import { applyMergePatch } from './merge-patch.js';

const description = guarded(z.string(), 'accounting.entry.description', 'Description');
const post = command('accounting.entry.post', {
  title: 'Post',
  http: 'POST /v1/accounting/entries',
  says: 'posted',
  input: z.object({
    date: z.string(),
    description: description.optional(),
    until: z.string().nullable().optional(),
    lines: z.array(z.object({ amount: z.string(), description: description.optional() })),
  }),
});
const before = { date: '2026-03-31', description: 'Fee', until: '2027', lines: [{ amount: '1', description: 'Kari' }, { amount: '2' }] }; // prettier-ignore
const blind = { 'accounting.entry.description': 'mask' } as const;

describe('a change of an approval request', () => {
  const changed = (patch: object, rules = {}) => applyMergePatch(post, before, { ...patch }, rules);

  it('leaves what it does not name as it is, whatever the person may see of it', () => {
    expect(changed({ date: '2026-04-01' }, blind)).toEqual({ ...before, date: '2026-04-01' });
    expect(changed({ lines: { 0: { amount: '3' } } }, blind)).toEqual({
      ...before,
      lines: [{ amount: '3', description: 'Kari' }, { amount: '2' }],
    });
  });

  it('takes a field away by null, or sets it to null where the operation knows that', () => {
    const { description: _, ...rest } = before;
    expect(changed({ description: null })).toEqual(rest);
    expect(changed({ until: null })).toEqual({ ...before, until: null });
    expect(changed({ lines: { 0: { description: null } } })).toEqual({
      ...before,
      lines: [{ amount: '1' }, { amount: '2' }],
    });
  });

  it('is refused where a new list would lose what the person may not see', () => {
    const lines = [{ amount: '3' }, { amount: '2' }];
    expect(changed({ lines })).toEqual({ ...before, lines });
    expect(changed({ lines }, blind)).toMatchObject({
      code: 'platform.field-hidden',
      status: 403,
      errors: [{ pointer: '/lines', code: 'hidden', message: expect.stringContaining('lines.0.description') }],
    });
  });

  it('names no place of a list that is not there', () => {
    expect(changed({ lines: { 2: { amount: '3' } } })).toEqual({ ...before, lines: { 2: { amount: '3' } } });
    expect(applyMergePatch(post, null, { date: 'x' }, {})).toEqual({ date: 'x' });
  });
});

describe('a change of what holds lists at any depth', () => {
  const note = z.object({ tag: z.string().optional(), description: description.optional() });
  const nested = command('testing.nested', {
    title: 'Nested',
    http: 'POST /v1/nested',
    says: 'did',
    input: z.object({
      party: z.object({ notes: z.array(note), parts: z.array(z.object({ notes: z.array(note) })) }),
      texts: z.record(z.string(), z.array(note)),
    }),
  });
  const held = {
    party: { notes: [{ description: 'Kari' }], parts: [{ notes: [{ tag: 'a' }, { description: 'Ola' }] }] },
    texts: { 'a/b': [{ description: 'Per' }] },
  };
  const hidden = [
    ['party', 'notes', '0', 'description'],
    ['party', 'parts', '0', 'notes', '1', 'description'],
    ['texts', 'a/b', '0', 'description'],
  ];
  const at = (value: unknown, path: readonly string[]): unknown =>
    path.reduce<unknown>((one, name) => (Object(one) === one && Object.hasOwn(one as object, name) ? (one as Record<string, unknown>)[name] : undefined), value); // prettier-ignore

  it('is refused where a list within an object would lose places that the person may not see', () => {
    for (const patch of [{ party: { notes: [] } }, { party: { parts: { 0: { notes: [{}] } } } }, { texts: { 'a/b': null } }])
      expect(applyMergePatch(nested, held, patch, blind)).toMatchObject({ code: 'platform.field-hidden', status: 403 });
    expect(applyMergePatch(nested, held, { party: { notes: { 0: { description: null } } } }, blind)).toMatchObject({
      party: { ...held.party, notes: [{}] },
    });
  }); // prettier-ignore

  it('keeps all that the person may not see and does not name, and no object gets another prototype', () => {
    const names = fc.constantFrom(
      'party',
      'notes',
      'parts',
      'texts',
      'description',
      'tag',
      'a/b',
      '0',
      '1',
      '__proto__',
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 6, withCrossShrink: true },
        fc.constantFrom(null, '', 'x', 1, []),
        fc.array(tie('value'), { maxLength: 2 }),
        // As a request is read: `__proto__` is a field like any other.
        fc
          .array(fc.tuple(names, tie('value')), { minLength: 1, maxLength: 3 })
          .map((pairs) => Object.fromEntries(pairs)),
      ),
    }));
    const patches = fc.array(fc.tuple(names, value), { minLength: 1, maxLength: 3 }).map((pairs) => Object.fromEntries(pairs)); // prettier-ignore
    const plain = (one: unknown): boolean =>
      Object(one) !== one ||
      (Array.isArray(one) || Object.getPrototypeOf(one) === Object.prototype) && Object.getOwnPropertyNames(one).every((name) => plain(Object.getOwnPropertyDescriptor(one, name)?.value)); // prettier-ignore
    fc.assert(
      fc.property(patches, (patch) => {
        const after = applyMergePatch(nested, held, patch, blind);
        if (isRejection(after)) return;
        expect(hidden.filter((path) => at(patch, path) === undefined && at(after, path) !== at(held, path))).toEqual(
          [],
        );
        expect(plain(after)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });
});
