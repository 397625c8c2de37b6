import { inSchemaScope } from '@daybook/postgres';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import { hashOfToken, newOpaqueToken } from '../opaque-token.js';
import { TicketEntity } from './mfa.entities.js';

export const ticketMinutes = 5;

/** The flows that a ticket can continue. */
export type TicketPurpose = 'mfa' | 'passkey-get' | 'passkey-create';

export interface Ticket<D> {
  readonly personId: string | null;
  readonly data: D;
}

/** Opaque random tokens, stored as hashes, valid for five minutes and a few attempts. */
export class Tickets<D extends object> {
  constructor(
    private readonly em: EntityManager,
    private readonly purpose: TicketPurpose,
    private readonly tries = 1,
  ) {}

  async issue(personId: string | null, data: D): Promise<string> {
    const token = newOpaqueToken();
    await inSchemaScope(this.em, 'identity', async (em) => {
      await em.nativeDelete(TicketEntity, { expiresAt: { $lt: raw('now()') } });
      await em.insert(TicketEntity, {
        hash: hashOfToken(token),
        purpose: this.purpose,
        personId,
        data,
        attemptsLeft: this.tries,
        expiresAt: raw(`now() + interval '${ticketMinutes} minutes'`),
      });
    });
    return token;
  }

  /** Uses one attempt, counted before the proof is checked; null if the ticket is used up, expired or unknown. */
  async use(token: string): Promise<Ticket<D> | null> {
    const [used] = await inSchemaScope(this.em, 'identity', (em) =>
      em
        .createQueryBuilder(TicketEntity)
        .update({ attemptsLeft: raw('attempts_left - 1') })
        .where({ ...this.of(token), attemptsLeft: { $gt: 0 }, expiresAt: { $gt: raw('now()') } })
        .returning(['personId', 'data'])
        .execute<Ticket<D>[]>('all'),
    );
    return used ?? null;
  }

  /** Deletes the ticket; false if it was gone already, so that only one of two simultaneous requests finishes. */
  async finish(token: string): Promise<boolean> {
    const gone = await inSchemaScope(this.em, 'identity', (em) => em.nativeDelete(TicketEntity, this.of(token)));
    return gone === 1;
  }

  private of(token: string) {
    return { hash: hashOfToken(token), purpose: this.purpose };
  }
}
