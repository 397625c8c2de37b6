import { inSchemaScope } from '@daybook/postgres';
import { raw } from '@mikro-orm/postgresql';
import { hashOfToken, newOpaqueToken } from '../opaque-token.js';
import type { AuthenticatedPerson } from '../session/sign-in-completion.js';
import { TicketEntity } from './mfa.entities.js';
import type { PasskeyChallenge } from './passkeys.js';
import type { Deps } from '../injected.js';

export const ticketMinutes = 5;

/** The flows that a ticket can continue, and what it keeps for them. */
interface TicketData {
  readonly mfa: Omit<AuthenticatedPerson, 'personId'>;
  readonly 'passkey-get': PasskeyChallenge;
  readonly 'passkey-create': PasskeyChallenge;
}
export type TicketPurpose = keyof TicketData;

/** For `mfa`, the throttle counts the person's attempts over all tickets besides. */
const attempts: Readonly<Record<TicketPurpose, number>> = { mfa: 5, 'passkey-get': 1, 'passkey-create': 1 };

export interface Ticket<P extends TicketPurpose> {
  readonly personId: string | null;
  readonly data: TicketData[P];
}

/** Opaque random tokens, stored as hashes, valid for five minutes and a few attempts. */
export class Tickets {
  constructor(private readonly deps: Deps<'em'>) {}

  async issue<P extends TicketPurpose>(purpose: P, personId: string | null, data: TicketData[P]): Promise<string> {
    const token = newOpaqueToken();
    await inSchemaScope(this.deps.em, 'identity', async (em) => {
      await em.nativeDelete(TicketEntity, { expiresAt: { $lt: raw('now()') } });
      await em.insert(TicketEntity, {
        hash: hashOfToken(token),
        purpose,
        personId,
        data,
        attemptsLeft: attempts[purpose],
        expiresAt: raw(`now() + interval '${ticketMinutes} minutes'`),
      });
    });
    return token;
  }

  /** Uses one attempt, counted before the proof is checked; null if the ticket is used up, expired or unknown. */
  async use<P extends TicketPurpose>(purpose: P, token: string): Promise<Ticket<P> | null> {
    const [used] = await inSchemaScope(this.deps.em, 'identity', (em) =>
      em
        .createQueryBuilder(TicketEntity)
        .update({ attemptsLeft: raw('attempts_left - 1') })
        .where({ ...isOf(purpose, token), attemptsLeft: { $gt: 0 }, expiresAt: { $gt: raw('now()') } })
        .returning(['personId', 'data'])
        .execute<Ticket<P>[]>('all'),
    );
    return used ?? null;
  }

  /** Deletes the ticket; false if it was gone already, so that only one of two simultaneous requests finishes. */
  async finish(purpose: TicketPurpose, token: string): Promise<boolean> {
    const gone = await inSchemaScope(this.deps.em, 'identity', (em) =>
      em.nativeDelete(TicketEntity, isOf(purpose, token)),
    );
    return gone === 1;
  }
}

const isOf = (purpose: TicketPurpose, token: string) => ({ hash: hashOfToken(token), purpose });
