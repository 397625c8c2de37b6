import { inRoom } from '@daybook/postgres';
import type { Pool } from 'pg';
import { type Asking, stepOfPerson } from '../session/steps.js';
import { type CredentialChange, type CredentialKind, recordCredential } from './factor.operations.js';

/** Every change of what a person proves himself with stands in his own record: what, never with which value. */
export const credentialStep = (
  asking: Asking,
  personId: string,
  kind: CredentialKind,
  change: CredentialChange,
): Promise<void> => stepOfPerson(asking, personId, recordCredential, { personId, kind, change });

/** Of these people, those who have a second factor. */
export async function withSecondFactor(pool: Pool, personIds: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await inRoom(pool, 'identity', (client) =>
    client.query<{ person_id: string }>(
      `select person_id from identity.totp where confirmed_at is not null and person_id = any($1::uuid[])
       union select person_id from identity.passkeys where person_id = any($1::uuid[])`,
      [personIds],
    ),
  );
  return new Set(rows.map(({ person_id }) => person_id));
}

const ofPersons = ['credentials', 'totp', 'recovery_codes', 'passkeys', 'tickets', 'refresh_tokens', 'sessions'];

/** Everything that a person proved himself with, and where he signed in from: the part of erasing that is no event. */
export async function forgetCredentials(pool: Pool, personId: string): Promise<void> {
  await inRoom(pool, 'identity', async (client) => {
    for (const table of ofPersons) {
      await client.query(`delete from identity.${table} where person_id = $1`, [personId]);
    }
  });
}
