import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { changedFrom } from './fields';

const input = z.object({
  id: z.string(),
  name: z.string().min(1).optional(),
  note: z.string().optional(),
  above: z.string().nullable().optional(),
  domains: z.array(z.string()).default([]),
});
const from = { id: 'id', name: 'name', note: 'note', above: 'above', domains: 'domains' };
const ask = { name: {}, note: {}, above: {}, domains: {} };
const row = { id: '1', name: 'A•••', note: 'n', above: '10', domains: ['a.example'] };

describe('what a form sends of a row that it changes', () => {
  const sent = (typed: Record<string, unknown>) => changedFrom(row, from, ask, input, typed);

  it('leaves out what was not touched, a masked value among it', () => {
    expect(sent({ name: 'A•••', note: 'other', above: '10', domains: ['a.example'] })).toEqual({
      note: 'other',
      domains: ['a.example'],
    });
  });

  it('sends null for what was emptied, an empty text where there is no null', () => {
    expect(sent({ name: 'A•••', domains: ['a.example'] })).toEqual({ note: '', above: null, domains: ['a.example'] });
  });

  it('sends an empty list for one that was emptied, where what is left out stays', () => {
    const lists = z.object({ id: z.string(), domains: z.array(z.string()).optional() });
    const sentOf = (was: string[], is?: string[]) =>
      changedFrom({ id: '1', domains: was }, { domains: 'domains' }, { domains: {} }, lists, is ? { domains: is } : {});
    expect(sentOf(['a.example'])).toEqual({ domains: [] });
    expect(sentOf(['a.example'], ['a.example'])).toEqual({});
    expect(sentOf([])).toEqual({});
    expect(sentOf([], ['a.example'])).toEqual({ domains: ['a.example'] });
  });
});
