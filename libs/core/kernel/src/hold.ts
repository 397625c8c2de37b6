import * as z from 'zod';
import { reject, type Rejection } from './rejection.js';

/*
 * A hold: what one stream grants to a step in another, under a name, until it is known whether that step was taken. Then it
 * is confirmed or released. No store appends to two streams at once; a hold makes two streams end in all or nothing:
 *
 * 1. The granting stream records the hold, with the step it is for.
 * 2. The other stream appends the step, whose first event names the holds that it uses, or does not.
 * 3. The granting stream records the outcome. After a crash in between, the next command that meets the hold looks at revision + 1 of
 *    the other stream: the event there names the hold, or it does not, and then none ever will.
 */

/** A command that is about to append to a stream after this revision (-1: the stream is new). */
export const holdStep = z.object({ stream: z.string(), revision: z.int().min(-1), commandId: z.uuid() });
export type HoldStep = z.infer<typeof holdStep>;

/** What the commands of a granting aggregate get. The name is of one execution, however often that tries its step. */
export const holdRequest = z.object({ name: z.uuid(), step: holdStep });
export type HoldRequest = z.infer<typeof holdRequest>;

/** A hold as the granting stream records it, and keeps it in its state while the outcome is not known. */
export const openHold = holdRequest.extend({ heldAt: z.string() });
export type OpenHold = z.infer<typeof openHold>;

/** How a hold that is asked for stands to one of the same name: it was moved when the step is tried at another revision. */
export const isSameStep = (one: HoldRequest, other: HoldRequest): boolean =>
  one.name === other.name && one.step.revision === other.step.revision;

const code = 'platform.held-by-another';

/** Another hold is in the way, and its outcome is not known yet. The command settles it, and asks again. */
export const heldByAnother = (hold: OpenHold): Rejection =>
  reject(code, 'Another command is using this at the moment. Try again in a moment.', {
    status: 503,
    details: { retryAfterSeconds: 1, hold },
  });

/** The hold that is in the way; null for any other rejection. */
export const holdInTheWay = (rejection: Rejection): OpenHold | null =>
  rejection.code === code ? (rejection.details['hold'] as OpenHold) : null;
