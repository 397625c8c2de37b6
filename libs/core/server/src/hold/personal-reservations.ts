import { type CommandResult, type Decision, isRejection, type Rejection } from '@daybook/kernel';
import type { Granter, HoldCaller } from './granters.js';
import type { ReservationEvent } from './hold.events.js';
import { confirmReservation, holdReservation, releaseReservation, type ReservationCommand } from './hold.internal.js';
import type { PersonalGranter } from './wants.js';
import { type Reservation, reservationDecider } from './reservation.decider.js';

/** Where the reservations of personal values are kept. Each write replaces exactly what was read. */
export interface ReservationRows {
  find(tenant: string, key: string): Promise<Reservation | null>;
  /** null: there is no row, before or after. false: somebody else was faster. */
  replace(
    row: { readonly tenant: string; readonly key: string; readonly field: string },
    before: Reservation | null,
    after: Reservation | null,
  ): Promise<boolean>;
}

/** Whose value a row is about: an erasure deletes it. */
export const subjectOfRow = ({ owner, open }: Reservation): string => owner ?? open?.owner ?? '';

/**
 * Reservations of values of people (an e-mail address). By the same decider as those in streams, in a plain table: the log
 * would keep for ever that somebody once had a value. The key is a keyed hash, and nothing is kept that is in no use.
 */
export class PersonalReservations implements PersonalGranter {
  constructor(
    private readonly rows: ReservationRows,
    private readonly vault: { blindIndex(tenant: string, value: string): Promise<string> },
    private readonly now: () => Date = () => new Date(),
  ) {}

  keyOf = (tenant: string, text: string): Promise<string> => this.vault.blindIndex(tenant, text);

  hold: Granter['hold'] = (what, hold, by) =>
    this.execute({ name: holdReservation.name, input: { ...what, hold } } as ReservationCommand, by);

  check: Granter['check'] = async (what, hold, by) => {
    const command = { name: holdReservation.name, input: { ...what, hold } } as ReservationCommand;
    const decision = this.decide(command, await this.find(command, by), by);
    return isRejection(decision) ? decision : null;
  };

  confirm: Granter['confirm'] = async (what, { name }, by) =>
    void (await this.execute({ name: confirmReservation.name, input: { ...what, name } } as ReservationCommand, by));

  release: Granter['release'] = async (what, hold, reason, by) =>
    void (await this.execute(
      { name: releaseReservation.name, input: { ...what, ...hold, reason } } as ReservationCommand,
      by,
    ));

  private async execute(command: ReservationCommand, by: HoldCaller): Promise<CommandResult | Rejection> {
    const { reservationId: key, field } = command.input;
    for (;;) {
      const before = await this.find(command, by);
      const decision = this.decide(command, before, by);
      if (isRejection(decision)) return decision;
      const { id, version, events } = decision;
      const after = events.reduce(evolved, before ?? reservationDecider.initial);
      const row = { tenant: by.caller.tenant, key, field };
      const isFree = after.owner === null && after.open === null;
      if (events.length === 0 || (await this.rows.replace(row, before, isFree ? null : after))) {
        return { id, version, position: '0' };
      }
    }
  }

  private find({ input }: ReservationCommand, { caller }: HoldCaller): Promise<Reservation | null> {
    return this.rows.find(caller.tenant, input.reservationId);
  }

  private decide(
    command: ReservationCommand,
    before: Reservation | null,
    { caller: { tenant, actor }, causationId: commandId }: HoldCaller,
  ): Decision<ReservationEvent> {
    const of = { tenant, actor: actor.id, commandId, newId: commandId, expectedVersion: null, reason: null };
    const context = { ...of, now: this.now().toISOString() };
    return reservationDecider.decide(command, before ?? reservationDecider.initial, context, undefined);
  }
}

const evolved = (state: Reservation, event: ReservationEvent): Reservation =>
  reservationDecider.evolve(state, event, { revision: state.version });
