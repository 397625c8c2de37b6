import * as z from 'zod';

/** Longest id of a customer or supplier, wherever one is named: in an entry, an import, a grant or a filter. */
export const mostPartyId = 70;

export const partyType = z.enum(['customer', 'supplier', 'employee', 'other']).meta({ id: 'PartyType' });
export const partyId = z.string().min(1).max(mostPartyId);

/** Each kind has a register of its own, so the same id may stand in several: only both together name somebody. */
export const party = z
  .object({ type: partyType, id: partyId })
  .meta({ id: 'Party', description: 'Whom a line concerns, by the id in its register' });
export type Party = z.infer<typeof party>;

export const sameParty = (one: Party | null, other: Party | null): boolean =>
  one === null || other === null ? one === other : one.type === other.type && one.id === other.id;
