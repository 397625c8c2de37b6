import { type Party, partyId, partyType, reject, type Rejection } from '@daybook/kernel';

/** How a party is asked for, beside a role: in two fields, so that forms, flags and filters have one value each. */
export const askedParty = {
  partyType: partyType.optional().describe('Which register the id stands in: customer, supplier …'),
  party: partyId.optional().describe('Customer or supplier whose items alone are seen, by the id in the books'),
};
/** And how it is listed. */
export const listedParty = {
  partyType: partyType.nullable().describe('Which register the id stands in'),
  party: partyId.nullable(),
};
interface Asked {
  readonly partyType?: Party['type'] | undefined;
  readonly party?: string | undefined;
}

const needed = (pointer: string, code: string, message: string): Rejection =>
  reject(code, message, { errors: [{ pointer, code, message }] });

/** One without the other names nobody: customer 10021 and supplier 10021 are two. */
export function partyIn({ partyType: type, party: id }: Asked): Party | null | Rejection {
  if (type === undefined && id === undefined) return null;
  if (type === undefined) {
    return needed('/partyType', 'identity.party-type-required', 'Say whether this is a customer or a supplier.');
  }
  if (id === undefined) return needed('/party', 'identity.party-required', 'Say which one, by the id in the books.');
  return { type, id };
}

export const inFields = (party: Party | null): { partyType: Party['type'] | null; party: string | null } => ({
  partyType: party?.type ?? null,
  party: party?.id ?? null,
});
