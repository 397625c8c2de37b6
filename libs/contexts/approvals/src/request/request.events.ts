import { actorSchema, amount, event, type EventsOf, opaque, personal } from '@daybook/kernel';
import * as z from 'zod';

/*
 * A command that waits for a second person: one stream each, `approvals.request-{tenant}-{requestId}`. Its content (the
 * input) may hold personal data of any kind, so it is sealed for the requester, or for the person it is addressed to.
 */
const requestId = z.uuid();
/** The record that the command changes or makes, where it is one of the kit: who does not see that record does not see the event. */
const aboutRecord = { recordType: z.string().nullable(), recordId: z.string().nullable() };
const record = (data: { requestId: string }) => ({ type: 'approvals.request', id: data.requestId });

/** What one rule in force asks for; all that are pinned on a command must be met. */
export const requirement = z.object({
  ruleId: z.uuid(),
  approvers: z.int().min(1).max(3),
  approverRole: z.string().nullable(),
});
export type Requirement = z.infer<typeof requirement>;

/** What is asked for, and what is shown of it. Content 1 is what was asked at first; each change makes the next. */
const requestContent = z.object({
  /** Whose rights are used. */
  initiatorId: z.string(),
  /** The person the input is about: the invited person, else the requester. */
  sealedFor: z.string(),
  input: opaque(personal(z.record(z.string(), z.unknown()).nullable(), 'sealedFor')),
  ...aboutRecord,
  summary: z.string(),
  amount: opaque(amount.nullable()),
  companyId: z.string().nullable(),
  /** The person it is about, who is an ineligible approver. */
  about: z.string().nullable().optional(),
  /** Custodians of the requesting API key, or of the service account it is about: they count as one person with it. */
  custodians: z.array(z.string()).optional(),
  requirements: z.array(requirement).min(1),
  contentVersion: z.int().min(1),
});

export const requestSubmitted = event('approvals.request-submitted', {
  data: requestContent.extend({
    requestId,
    operation: z.string(),
    /** The request's command id: carried out under it, a repeat of the request stays one. */
    commandId: z.string(),
    /** The version of the document that the requester pinned with If-Match. */
    expectedVersion: z.int().nullable(),
    initiator: actorSchema,
    /** Set when a delegate asked for a person. */
    onBehalfOf: actorSchema.nullable(),
  }),
  record,
});
export const requestChanged = event('approvals.request-changed', {
  data: requestContent.extend({ requestId, by: z.array(z.string()).min(1) }),
  record,
});
export const requestApproved = event('approvals.request-approved', {
  data: z.object({
    requestId,
    ...aboutRecord,
    summary: z.string(),
    contentVersion: z.int().min(1),
    by: z.string(),
    /** Roles they held then; a rule may name one. */
    roles: z.array(z.string()),
    comment: z.string().nullable(),
    /** Nothing is missing any more: the command is carried out. */
    complete: z.boolean(),
  }),
  record,
});
export const requestCompleted = event('approvals.request-completed', {
  data: z.object({
    requestId,
    ...aboutRecord,
    summary: z.string(),
    contentVersion: z.int().min(1),
    result: z.object({ id: z.string(), version: z.int(), position: z.string() }),
  }),
  record,
});
export const requestFailed = event('approvals.request-failed', {
  data: z.object({
    requestId,
    ...aboutRecord,
    summary: z.string(),
    contentVersion: z.int().min(1),
    problem: z.object({ code: z.string(), message: z.string() }),
  }),
  record,
});
export const requestRejected = event('approvals.request-rejected', {
  data: z.object({ requestId, ...aboutRecord, summary: z.string(), by: z.string(), reason: z.string() }),
  record,
});
export const requestWithdrawn = event('approvals.request-withdrawn', {
  data: z.object({ requestId, ...aboutRecord, summary: z.string(), reason: z.string().nullable() }),
  record,
});

export const requestEvents = [
  requestSubmitted,
  requestChanged,
  requestApproved,
  requestCompleted,
  requestFailed,
  requestRejected,
  requestWithdrawn,
] as const;
export type RequestEvent = EventsOf<typeof requestEvents>;
export type RequestSubmitted = z.infer<typeof requestSubmitted.data>;
