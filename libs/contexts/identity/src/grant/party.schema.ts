import { type Party, partyId, partyType, reject, type Rejection } from '@daybook/kernel';

/** Input of a party beside a role, in two fields, so that forms, flags and filters have one value each. */
export const askedParty = {
  partyType: partyType.optional().describe('The register of the id: customer, supplier …'),
  party: partyId.optional().describe('The customer or supplier whose lines the holder may see, by the id in the books'),
};
/** The same fields in lists. */
export const listedParty = {
  partyType: partyType.nullable().describe('The register of the id'),
  party: partyId.nullable(),
};
interface Asked {
  readonly partyType?: Party['type'] | undefined;
  readonly party?: string | undefined;
}

const needed = (pointer: string, code: string, message: string): Rejection =>
  reject(code, message, { errors: [{ pointer, code, message }] });

/** Both fields are needed: customer 10021 and supplier 10021 are two parties. */
export function partyIn({ partyType: type, party: id }: Asked): Party | null | Rejection {
  if (type === undefined && id === undefined) return null;
  if (type === undefined) {
    return needed('/partyType', 'identity.party-type-required', 'Choose customer or supplier.');
  }
  if (id === undefined)
    return needed('/party', 'identity.party-required', 'Enter the id of the customer or supplier in the books.');
  return { type, id };
}

export const inFields = (party: Party | null): { partyType: Party['type'] | null; party: string | null } => ({
  partyType: party?.type ?? null,
  party: party?.id ?? null,
});
