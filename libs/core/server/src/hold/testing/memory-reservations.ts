import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { PersonalReservations, type ReservationRows } from '../personal-reservations.js';
import type { Reservation } from '../reservation.decider.js';

/** Rows of reservations in memory, which all processes of a spec share. */
export class MemoryRows implements ReservationRows {
  readonly rows = new Map<string, Reservation>();

  async find(tenant: string, key: string): Promise<Reservation | null> {
    return this.rows.get(`${tenant} ${key}`) ?? null;
  }

  async replace(
    { tenant, key }: Parameters<ReservationRows['replace']>[0],
    before: Reservation | null,
    after: Reservation | null,
  ): Promise<boolean> {
    const at = `${tenant} ${key}`;
    if (!isDeepStrictEqual(this.rows.get(at) ?? null, before)) return false;
    if (after === null) this.rows.delete(at);
    else this.rows.set(at, after);
    return true;
  }
}

/** A keyed hash without a key. */
export const plainIndex = {
  blindIndex: async (tenant: string, value: string): Promise<string> =>
    createHash('sha256').update(`${tenant} ${value}`).digest('base64url'),
};

export const reservationsIn = (rows: ReservationRows): PersonalReservations =>
  new PersonalReservations(rows, plainIndex);
