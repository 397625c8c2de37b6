import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Command,
  type CommandResult,
  type Decision,
  type HoldRequest,
  holdInTheWay,
  isRejection,
  nameId,
  newId,
  reject,
  type Rejection,
} from '@daybook/kernel';
import type { DecideBinding } from '../binding.js';
import type { Asking } from '../facts.js';
import type { HoldCaller } from './granters.js';
import { OtherHolds, type OtherHoldsOptions } from './other-holds.js';
import { type Want, Wants, type WantsOptions } from './wants.js';

export interface HoldsOptions extends WantsOptions, OtherHoldsOptions {
  /** An outcome that could not be recorded; the next command that meets the hold does it. */
  readonly onUnsettled: (error: unknown) => void;
}

type Asked = Pick<Asking<Command, unknown>, 'command' | 'input' | 'caller'>;
type DecideWith = (granted: Readonly<Record<string, unknown>>) => Decision;

/** What commands hold in other streams while they are appended, for the command executor. */
export class Holds {
  constructor(private readonly options: HoldsOptions) {}

  /** Of one command; `stream` is where it appends. */
  of(binding: DecideBinding, stream: string, asked: Asked, commandId: string, injected: object): HeldByCommand {
    if (!binding.hasHolds(asked.command) && binding.unique.length === 0) return nothingHeld;
    const wants = new Wants(this.options, binding, injected);
    return new Held(this.options, wants, stream, asked, { caller: asked.caller, causationId: commandId });
  }
}

/** On what a command is decided: the revision of its stream, and whether that is stored, not only decided in its group. */
export interface DecidedOn {
  readonly revision: number;
  readonly isStored: boolean;
}

/** What one command holds, from its first attempt to its outcome. */
export interface HeldByCommand {
  /** Names of the holds that the decision uses. */
  readonly names: readonly string[];
  /**
   * Decides, takes what an accepted command needs, and decides with what was granted. 'later': it needs something, and what it
   * was decided on must be stored first.
   */
  decide(
    asking: Asking<Command, unknown>,
    on: DecidedOn,
    decideWith: DecideWith,
  ): Decision | 'later' | Promise<Decision | 'later'>;
  /** What `decide` would refuse, with nothing taken. */
  rehearse(
    asking: Asking<Command, unknown>,
    on: DecidedOn,
    decideWith: DecideWith,
  ): Rejection | null | Promise<Rejection | null>;
  /** The command is in its stream: appended now (null), or by another execution, or by this one unnoticed. */
  noteAppended(before: Appended | null, state: unknown): void;
  /** Confirms or releases what it holds, once it is answered, and finishes what an earlier execution left. */
  settle(answer: unknown): void | Promise<void>;
}
/** What is recorded of a command that is in its stream. */
export interface Appended {
  readonly recordedAt: string;
  readonly holds: readonly string[];
}

const nothingHeld: HeldByCommand = {
  names: [],
  decide: (_asking, _on, decideWith) => decideWith({}),
  rehearse: (_asking, _on, decideWith) => {
    const decision = decideWith({});
    return isRejection(decision) ? decision : null;
  },
  noteAppended: () => undefined,
  settle: () => undefined,
};

class Held implements HeldByCommand {
  /** By name: what was granted, to whatever attempt. */
  private readonly taken = new Map<string, { readonly want: Want; readonly hold: HoldRequest }>();
  private latest: ReadonlySet<string> = new Set();
  /** Names are of this execution alone, so that it may release what it no longer needs while a repeat is under way. */
  private readonly execution = newId();
  private readonly others: OtherHolds;
  private noted: { readonly before: Appended | null; readonly state: unknown } | null = null;

  constructor(
    private readonly options: HoldsOptions,
    private readonly wants: Wants,
    private readonly stream: string,
    private readonly asked: Asked,
    private readonly by: HoldCaller,
  ) {
    this.others = new OtherHolds(options, by);
  }

  get names(): readonly string[] {
    return [...this.latest];
  }

  async decide(
    asking: Asking<Command, unknown>,
    { revision, isStored }: DecidedOn,
    decideWith: DecideWith,
  ): Promise<Decision | 'later'> {
    this.latest = new Set();
    const first = decideWith({});
    if (isRejection(first) || first.events.length === 0) return first;
    const wants = await this.wants.of(asking, revision, first);
    if (wants.length > 0 && !isStored) return 'later';
    const holds = wants.map((want) => ({ want, hold: this.request(want, revision) }));
    const granted: Record<string, unknown> = {};
    for (const { want, hold } of holds) {
      const result = await this.take(want, hold);
      if (isRejection(result)) return result;
      this.taken.set(hold.name, { want, hold });
      if (want.fact) granted[want.fact.name] = want.fact.granted(result);
    }
    this.latest = new Set(holds.map(({ hold }) => hold.name));
    return Object.keys(granted).length === 0 ? first : decideWith(granted);
  }

  async rehearse(
    asking: Asking<Command, unknown>,
    { revision }: DecidedOn,
    decideWith: DecideWith,
  ): Promise<Rejection | null> {
    const first = decideWith({});
    if (isRejection(first)) return first;
    for (const want of await this.wants.of(asking, revision, first)) {
      const refused = await want.from.check(want.what, this.request(want, revision), this.by);
      if (refused && !holdInTheWay(refused)) return want.refused(refused);
    }
    return null;
  }

  noteAppended(before: Appended | null, state: unknown): void {
    this.noted = { before, state };
  }

  async settle(answer: unknown): Promise<void> {
    const reason = isRejection(answer) && !this.noted ? answer.message : notNeeded;
    for (const { want, hold } of this.taken.values()) {
      await this.settled(async () =>
        (await this.isUsed(hold))
          ? want.from.confirm(want.what, hold, this.by)
          : want.from.release(want.what, hold, reason, this.by),
      );
    }
    if (this.noted?.before) await this.finish(this.noted.before, this.noted.state);
    else if (this.noted) await this.settleElsewhere();
  }

  /** Known of what was appended now; anything else is told by what is in the stream. */
  private async isUsed(hold: HoldRequest): Promise<boolean> {
    if (this.noted && !this.noted.before) return this.latest.has(hold.name);
    return (await this.options.steps.outcome(hold)) === 'taken';
  }

  private async settleElsewhere(): Promise<void> {
    for (const { want } of this.taken.values()) await this.settled(() => this.others.settleElsewhere(want));
  }

  private request({ key }: Want, revision: number): HoldRequest {
    const step = { stream: this.stream, revision, commandId: this.by.causationId };
    return { name: nameId(this.execution, key), step };
  }

  /** Confirms what a process left that died after the append. Which hold is whose, the granting streams know. */
  private async finish({ recordedAt, holds: names }: Appended, state: unknown): Promise<void> {
    if (state === undefined || names.length === 0) return;
    await this.settled(async () => {
      for (const want of await this.wants.ofRepeat({ ...this.asked, state, now: recordedAt })) {
        for (const name of names) await want.from.confirm(want.what, { ...this.request(want, -1), name }, this.by);
      }
    });
  }

  /** Waits for holds that are in the way: most are settled in some milliseconds, by their commands. */
  private async take(want: Want, hold: HoldRequest): Promise<CommandResult | Rejection> {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const result = await want.from.hold(want.what, hold, this.by);
      if (!isRejection(result)) return result;
      const other = holdInTheWay(result);
      if (!other) return want.refused(result);
      if (!(await this.others.settle(want, other))) await sleep(Math.random() * Math.min(200, 4 * 2 ** attempt));
    }
    return busy;
  }

  private async settled(work: () => Promise<void>): Promise<void> {
    await work().catch(this.options.onUnsettled);
  }
}

/** About two seconds. */
const maxAttempts = 20;
const notNeeded = 'It was not needed in the end.';
const busy: Rejection = reject(
  'platform.busy',
  'Another command is using the same value at the moment. Nothing was written. Try again in a moment.',
  { status: 503, details: { retryAfterSeconds: 1 } },
);
