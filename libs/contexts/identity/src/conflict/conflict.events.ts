import { event } from '@daybook/kernel';
import * as z from 'zod';

/* Rules of which two permissions do not belong in one hand. The rules in code hold until an event says otherwise. */
const conflict = (data: { conflictId: string }) => ({ type: 'identity.conflict', id: data.conflictId });

export const conflictSet = event('identity.conflict-set', {
  data: z.object({
    conflictId: z.string(),
    first: z.string(),
    second: z.string(),
    risk: z.string(),
    /** What may make up for it; null: nothing does. */
    mitigation: z.string().nullable(),
    /** true: both may be held, and never used on one document by one person. */
    onDocument: z.boolean(),
  }),
  record: conflict,
});
export const conflictRemoved = event('identity.conflict-removed', {
  data: z.object({ conflictId: z.string() }),
  record: conflict,
});

export const conflictEvents = [conflictSet, conflictRemoved] as const;
