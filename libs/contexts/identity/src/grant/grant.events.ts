import { event, party } from '@daybook/kernel';
import * as z from 'zod';

/* A role given to somebody, where and until when. A grant is never changed: it is revoked, and a new one is given. */
const grant = (data: { grantId: string }) => ({ type: 'identity.grant', id: data.grantId });

export const holderKind = z.enum(['person', 'service']).meta({ id: 'HolderKind' });

export const grantGiven = event('identity.grant-given', {
  data: z.object({
    grantId: z.uuid(),
    holder: holderKind,
    holderId: z.uuid(),
    /** Name of a built-in role, or id of one of the tenant's own. */
    role: z.string(),
    /** null: in the whole tenant. */
    companyId: z.uuid().nullable(),
    /** A customer or supplier, by the id in the books: the holder sees only their lines. */
    party: party.nullable(),
    /** The last day in force, in UTC; null: until revoked. */
    until: z.iso.date().nullable(),
    /** The compensating control, where the holder now has two incompatible permissions. */
    mitigation: z.string().nullable(),
    /** Who gave the role by an invitation; the actor of the event is the holder who accepted it. */
    invitedBy: z.uuid().optional(),
  }),
  record: grant,
  // Rights are the tenant's, also those in one company.
  company: null,
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
