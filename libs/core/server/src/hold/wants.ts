import { type Accepted, type Command, type CommandResult, type NewEvent, type Rejection } from '@daybook/kernel';
import type { DecideBinding } from '../binding.js';
import { canonicalJson } from '../crypto.js';
import type { Asking, FactReader } from '../facts.js';
import { type Commands, type Granter, StreamGranter } from './granters.js';
import type { GrantingAggregate } from './granting.js';
import { ownerIn } from './reservation.decider.js';
import {
  reservationIdOf,
  reservations,
  reservedText,
  takenValue,
  type UniqueField,
  type UniqueValue,
} from './unique-field.js';

/** Grants values of people, under a key that tells nobody the value. */
export type PersonalGranter = Granter & { keyOf(tenant: string, text: string): Promise<string> };

/** One thing that a command needs held before it appends. */
export interface Want {
  readonly from: Granter;
  readonly what: Readonly<Record<string, unknown>>;
  /** Tells the holds of one command apart. */
  readonly key: string;
  readonly refused: (rejection: Rejection) => Promise<Rejection>;
  /** The fact that the grant answers. */
  readonly fact?: { readonly name: string; readonly granted: (result: CommandResult) => unknown };
  readonly aggregate?: GrantingAggregate;
}

export interface WantsOptions {
  readonly commands: Commands;
  /** Where values of people are reserved; without it such a field cannot be decided. */
  readonly personal: PersonalGranter | null;
  readonly facts: Pick<FactReader, 'soft'>;
}

/** What commands of a binding need held: their `held` facts, and the values of unique fields that they change. */
export class Wants {
  constructor(
    private readonly options: WantsOptions,
    private readonly binding: DecideBinding,
    private readonly injected: object,
  ) {}

  /** In one order, so that no two commands wait for each other; last what nobody waits for, and what a refusal would waste. */
  async of(asking: Asking<Command, unknown>, revision: number, decision: Accepted): Promise<Want[]> {
    const values: Want[] = [];
    for (const field of this.binding.unique) {
      if (!mayChange(field, decision)) continue;
      const before = field.of(asking.state);
      const after = field.of(this.after(asking.state, revision, decision));
      const [left, wanted] = [before && reservedText(field, before), after && reservedText(field, after)];
      if (left === wanted && before?.owner === after?.owner) continue;
      if (after && wanted) values.push(await this.reservation(field, after, wanted, 'take', asking));
      if (before && left) values.push(await this.reservation(field, before, left, 'leave', asking));
    }
    return [...values.sort(byKey), ...this.heldFacts(asking)];
  }

  /** What a command held that is in its stream: its facts, and the values that its record has now. */
  async ofRepeat(asking: Asking<Command, unknown>): Promise<Want[]> {
    const wants = this.heldFacts(asking);
    for (const field of this.binding.unique) {
      const now = field.of(asking.state);
      const text = now && reservedText(field, now);
      if (now && text) wants.push(await this.reservation(field, now, text, 'take', asking));
    }
    return wants;
  }

  private heldFacts(asking: Asking<Command, unknown>): Want[] {
    return Object.entries(this.binding.holds(asking, this.injected))
      .map(([name, { from, what, granted }]): Want => ({
        from: new StreamGranter(this.options.commands, from),
        aggregate: from,
        what,
        key: `${from.hold.name} ${canonicalJson(what)} ${name}`,
        refused: async (rejection) => rejection,
        fact: { name, granted },
      }))
      .sort((a, b) => rank(a) - rank(b) || byKey(a, b));
  }

  private async reservation(
    field: UniqueField,
    { owner, value }: UniqueValue,
    text: string,
    purpose: 'take' | 'leave',
    asking: Asking<Command, unknown>,
  ): Promise<Want> {
    const { commands, personal, facts } = this.options;
    const { tenant } = asking.caller;
    if (field.personal && !personal)
      throw new Error(`${field.name} is personal, and there is no table to reserve it in.`);
    const table = field.personal ? personal : null;
    const reservationId = table ? await table.keyOf(tenant, text) : reservationIdOf(tenant, text);
    return {
      from: table ?? new StreamGranter(commands, reservations),
      what: { reservationId, field: field.name, owner, purpose },
      key: `${reservationId} ${purpose}`,
      refused: async (rejection) => {
        const other = ownerIn(rejection);
        if (other === null) return rejection;
        const found = takenValue(field, asking.input, { owner: other, value: value ?? '' });
        return field.taken({ ...asking, ...facts.soft(asking.caller), ...found }, this.injected);
      },
    };
  }

  private after(state: unknown, revision: number, { events }: Accepted): unknown {
    const { decider } = this.binding;
    return events.reduce((folded, event, at) => decider.evolve(folded, event, { revision: revision + 1 + at }), state);
  }
}

const byKey = (a: Want, b: Want): number => (a.key < b.key ? -1 : 1);
const rank = ({ aggregate }: Want): number => (aggregate?.openHolds ? 1 : 0);

const mayChange = ({ changedBy }: UniqueField, { events }: Accepted): boolean =>
  changedBy === null || events.some(({ type }: NewEvent) => changedBy.some(({ name }) => name === type));
