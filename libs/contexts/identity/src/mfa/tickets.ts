import { inSchemaScope } from '@daybook/postgres';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import { hashOfToken, newOpaqueToken } from '../opaque-token.js';
import { TicketEntity } from './mfa.entities.js';

export const ticketMinutes = 5;

/** What is begun and waits for its second half. */
export type TicketPurpose = 'mfa' | 'passkey-get' | 'passkey-create';

export interface Ticket<D> {
  readonly personId: string | null;
  readonly data: D;
}

/** Opaque, random, kept as a hash, for five minutes and few tries. */
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

  /** Takes one of its tries, counted before anything is looked at; null when it is used up, too old, or was never ours. */
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

  /** Answers whether it was still there: of two that finish at once, one does. */
  async finish(token: string): Promise<boolean> {
    const gone = await inSchemaScope(this.em, 'identity', (em) => em.nativeDelete(TicketEntity, this.of(token)));
    return gone === 1;
  }

  private of(token: string) {
    return { hash: hashOfToken(token), purpose: this.purpose };
  }
}
