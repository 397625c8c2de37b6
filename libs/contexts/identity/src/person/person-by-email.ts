import { inSchemaScope } from '@daybook/postgres';
import type { EntityManager } from '@mikro-orm/postgresql';
import { emailHash } from '../session/secret-sealing.js';
import { CredentialEntity } from '../session/session.entities.js';

/**
 * The person who now signs in with this address, or null. The id of a person is derived from the address they registered
 * with and not from later ones, so a look-up by address must come here.
 */
export async function personByEmail(em: EntityManager, secret: string, email: string): Promise<string | null> {
  const found = await inSchemaScope(em, 'identity', (em) =>
    em.findOne(CredentialEntity, { emailHash: emailHash(secret, email) }, { fields: ['personId'] }),
  );
  return found?.personId ?? null;
}

/** Sets the sign-in address of a person; false when it is another person's. */
export async function takeEmail(em: EntityManager, secret: string, personId: string, email: string): Promise<boolean> {
  try {
    await inSchemaScope(em, 'identity', (em) =>
      em.nativeUpdate(CredentialEntity, { personId }, { emailHash: emailHash(secret, email) }),
    );
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
}

/** PostgreSQL's unique_violation. */
export const isTaken = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === '23505';
