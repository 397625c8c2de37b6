import { newId } from '@daybook/kernel';
import { personByEmail } from '../person/person-by-email.js';
import { personIdOf } from '../person/person.room.js';
import type { IdentityParts } from '../room.js';
import { normalEmail } from '../session/keys.js';
import { invitationTable } from './invitations.projection.js';

/**
 * Who is meant by an address: who signs in with it; or who was invited by it before; or somebody new, whose id follows from
 * the address, unless it is that of a person who had the address first and has another one now, or was erased.
 */
export async function invitedPerson(
  written: string,
  tenant: string,
  { pool, secret, read: readIn, memberships }: Pick<IdentityParts, 'pool' | 'secret' | 'read' | 'memberships'>,
): Promise<string> {
  const email = normalEmail(written);
  const known = await personByEmail(pool, secret, email);
  if (known !== null) return known;
  const invited = await readIn(tenant, (read) =>
    read.db
      .selectFrom(read.rows(invitationTable).as('i'))
      .select('i.personId')
      .where('i.email', '=', email)
      .where('i.status', '=', 'sent')
      .executeTakeFirst(),
  );
  if (invited) return invited.personId;
  const first = personIdOf(secret, email);
  const [taken] = await memberships.people([first]);
  return taken ? newId() : first;
}
