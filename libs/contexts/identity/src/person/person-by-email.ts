import { inSchemaScope } from '@daybook/postgres';
import type { EntityManager } from '@mikro-orm/postgresql';
import { emailHash } from '../session/secret-sealing.js';
import { CredentialEntity } from '../session/session.entities.js';

/**
 * Who signs in with this address now; null for nobody. The id of a person follows from the address he was registered
 * with, and from no later one, so whoever is asked for by address is looked up here.
 */
export async function personByEmail(em: EntityManager, secret: string, email: string): Promise<string | null> {
  const found = await inSchemaScope(em, 'identity', (em) =>
    em.findOne(CredentialEntity, { emailHash: emailHash(secret, email) }, { fields: ['personId'] }),
  );
  return found?.personId ?? null;
}

/** The address a person signs in with from now on; false when it is somebody else's. */
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
