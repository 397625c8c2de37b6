import { command, type CommandOf } from '@daybook/kernel';
import * as z from 'zod';
import {
  allowDelegatedAccess,
  delegatedAccessApprovable,
  type delegatedAccessCommands,
} from './delegated-access.operations.js';

/* Steps that only the product itself takes. Their routes are names, and never served. */
export const recordDelegatedAccess = command('identity.delegated-access.record', {
  title: allowDelegatedAccess.title,
  http: 'POST /v1/identity/delegated-access/record',
  permission: allowDelegatedAccess.permission,
  scope: 'caller',
  sensitive: true,
  says: 'allowed delegated access',
  approvable: {
    ...delegatedAccessApprovable,
    about: ({ memberId }) => (typeof memberId === 'string' ? memberId : null),
  },
  input: z.object({
    delegatedAccessId: z.uuid(),
    personId: z.uuid(),
    hours: z.int(),
    reason: z.string(),
    memberId: z
      .uuid()
      .optional()
      .describe('The delegate, if they are an active member of this tenant and so already known here'),
  }),
});
export const recordDelegatedAccessEntry = command('identity.delegated-access.record-entry', {
  title: 'Record the start of delegated access',
  http: 'POST /v1/identity/delegated-access/{delegatedAccessId}/entries',
  says: 'began to act for a person',
  input: z.object({ delegatedAccessId: z.uuid() }),
});
export const delegatedAccessSteps = [recordDelegatedAccess, recordDelegatedAccessEntry] as const;
export type DelegatedAccessCommand = CommandOf<
  (typeof delegatedAccessCommands)[number] | (typeof delegatedAccessSteps)[number]
>;
