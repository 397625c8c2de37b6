import { event, party } from '@daybook/kernel';
import * as z from 'zod';

/* What somebody was given: a role, where, and until when. Never changed: it is revoked, and another one given. */
const grant = (data: { grantId: string }) => ({ type: 'identity.grant', id: data.grantId });

export const holderKind = z.enum(['person', 'service']).meta({ id: 'HolderKind' });

export const grantGiven = event('identity.grant-given', {
  data: z.object({
    grantId: z.uuid(),
    holder: holderKind,
    holderId: z.uuid(),
    /** Name of a built-in role or id of the tenant's own. */
    role: z.string(),
    /** null: in the whole tenant. */
    companyId: z.uuid().nullable(),
    /** Customer or supplier as the books name it: the holder sees only what is theirs. */
    party: party.nullable(),
    /** The last day it holds, in UTC; null: until it is revoked. */
    until: z.iso.date().nullable(),
    /** Why two conflicting permissions are in one hand, and what is done about it. */
    mitigation: z.string().nullable(),
    /** Whose gift it is, where the holder accepted an invitation: the event itself was caused by the holder. */
    invitedBy: z.uuid().optional(),
  }),
  record: grant,
});
export const grantRevoked = event('identity.grant-revoked', {
  data: z.object({
    grantId: z.uuid(),
    holder: holderKind,
    holderId: z.uuid(),
    role: z.string(),
    reason: z.string().nullable(),
  }),
  record: grant,
});

export const grantEvents = [grantGiven, grantRevoked] as const;
