import {
  accept,
  assertNever,
  type Decider,
  type Decision,
  heldByAnother,
  isSameStep,
  type OpenHold,
  reject,
  type Rejection,
} from '@daybook/kernel';
import { reservationConfirmed, type ReservationEvent, reservationHeld, reservationReleased } from './hold.events.js';
import type { ReservationCommand } from './hold.internal.js';

/*
 * One value of one field. Invariants: it has at most one owner; an owner takes it and leaves it by a hold for the step that
 * changes them, and while the outcome of a hold is not known, nobody else gets one. Time ends nothing.
 */
export interface Reservation {
  /** The record that has the value; null for nobody. */
  readonly owner: string | null;
  readonly open: (OpenHold & { readonly owner: string; readonly purpose: 'take' | 'leave' }) | null;
  readonly version: number;
}

const taken = 'platform.reservation-exists';
export const reservationTaken = (owner: string): Rejection =>
  reject(taken, 'Another record has this value.', { details: { owner } });
/** The record that has the value; null for any other rejection. */
export const ownerIn = ({ code, details }: Rejection): string | null =>
  code === taken ? String(details['owner']) : null;

export const reservationDecider: Decider<Reservation, ReservationCommand, ReservationEvent> = {
  initial: { owner: null, open: null, version: 0 },

  decide(command, { owner, open, version }, { now }): Decision<ReservationEvent> {
    const { reservationId, field } = command.input;
    const unchanged = accept<ReservationEvent>(reservationId, version);
    const changed = (event: ReservationEvent) => accept(reservationId, version + 1, event);
    switch (command.name) {
      case 'platform.reservation.hold': {
        const { hold, ...wanted } = command.input;
        if (open && open.name !== hold.name) return heldByAnother(open);
        if (open && isSameStep(open, hold)) return unchanged;
        const held = changed(reservationHeld.of({ ...wanted, ...hold, heldAt: now }));
        if (wanted.purpose === 'leave') return owner === wanted.owner ? held : unchanged;
        if (owner === wanted.owner) return unchanged;
        return owner === null ? held : reservationTaken(owner);
      }
      case 'platform.reservation.confirm': {
        const { name } = command.input;
        return open?.name === name ? changed(reservationConfirmed.of({ reservationId, field, name })) : unchanged;
      }
      case 'platform.reservation.release': {
        const { name, reason } = command.input;
        return open && isSameStep(open, command.input)
          ? changed(reservationReleased.of({ reservationId, field, name, reason }))
          : unchanged;
      }
      default:
        return assertNever(command);
    }
  },

  evolve(state, event) {
    const version = state.version + 1;
    switch (event.type) {
      case 'platform.reservation-held': {
        const { name, step, heldAt, owner, purpose } = event.data;
        return { ...state, version, open: { name, step, heldAt, owner, purpose } };
      }
      case 'platform.reservation-confirmed': {
        const { open } = state;
        return { version, open: null, owner: open?.purpose === 'take' ? open.owner : null };
      }
      case 'platform.reservation-released':
        return { ...state, version, open: null };
      default:
        return assertNever(event);
    }
  },
};
