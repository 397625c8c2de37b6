import * as z from 'zod';

/** Why somebody does it: kept with the event, as evidence. */
export const reason = z.string().trim().min(3, 'Give a reason.').max(500);
