import { appendBytes, type EventToAppend, maxAppendBytes, SnapshotGone } from '@daybook/event-store';
import { type CommandResult, type NewEvent, reject, type Rejection } from '@daybook/kernel';
import type { DecideBinding } from '../context.js';
import type { DecidedOn } from '../hold/holds.js';
import type { Waiting } from './grouped-queue.js';
import { type RecordedAnswer, type RecordedAnswers, repeatedAnswer } from './recorded-answers.js';
import type { StreamState } from './stream-state.js';

/** To a command; to a rehearsal a rejection, 'repeat', or null where the command would be accepted. */
export type Answer = CommandResult | Rejection | 'repeat' | null;

interface Events {
  readonly kind: 'events';
  readonly events: readonly NewEvent[];
  readonly stored: readonly EventToAppend[];
  readonly id: string;
  readonly version: number;
}
type WithoutEvents =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'unchanged'; readonly id: string; readonly version: number };
/** `hasRead`: its facts come from past events, so what it was decided on must be stored, not only decided. */
export type Decided = (Events | WithoutEvents) & { readonly hasRead: boolean };

/** One command on a stream. */
export interface StreamCommand {
  readonly binding: DecideBinding;
  readonly stream: string;
  readonly commandId: string;
  readonly inputHmac: string;
  /** The stream is named after the record that the command creates: nothing is there before. */
  readonly beginsStream: boolean;
  /** Nothing is appended. */
  readonly isRehearsal: boolean;
  readonly decide: (state: unknown, on: DecidedOn) => Promise<Decided>;
  /** It is in the stream: appended now, or by an earlier execution, which is recorded; with the state, where it is known. */
  readonly onAppended: (before: RecordedAnswer | null, state?: unknown) => void;
}
export type WaitingCommand = Waiting<StreamCommand, Answer>;

/** To be appended. */
interface Part {
  readonly command: WaitingCommand;
  readonly decided: Events;
  /** The stream's state after it. */
  readonly after: unknown;
}
/** Answered without events, on the state after so many parts. */
interface Held {
  readonly command: WaitingCommand;
  readonly decided: WithoutEvents;
  readonly parts: number;
}

/**
 * What a group of commands comes to on the state of their stream, decided one after the other in memory. A command that
 * fails, that is a repeat or too large is settled at once, and hurts no other. What is left out waits for the next group:
 * there was no room, or what it needs must be stored first.
 */
export class GroupDecision {
  readonly parts: Part[] = [];
  readonly held: Held[] = [];
  private bytes = 0;
  private revision: number;

  constructor(
    private readonly state: StreamState,
    private readonly answers: RecordedAnswers,
    /** Commands that are known to read past events, so that a group reads for one of them only. */
    private readonly readers: WeakSet<WaitingCommand>,
    /** Whether a repeat that only the snapshot knows has to be looked for, because the store might not tell. */
    private readonly isLookedUp: (command: WaitingCommand) => boolean,
  ) {
    this.revision = state.revision;
  }

  async decideAll(group: readonly WaitingCommand[]): Promise<this> {
    for (const command of group) {
      if (command.isAnswered || this.mustWait(command)) continue;
      await this.decideOne(command).catch((error: unknown) => {
        if (error instanceof SnapshotGone) throw error;
        command.fail(error);
      });
    }
    return this;
  }

  private mustWait(command: WaitingCommand): boolean {
    if (this.bytes >= maxAppendBytes) return true;
    // The same command at once is answered from what the first one writes.
    const isSame = ({ work }: WaitingCommand): boolean => work.commandId === command.work.commandId;
    return this.parts.length > 0 && (this.readers.has(command) || this.parts.some((part) => isSame(part.command)));
  }

  private async decideOne(command: WaitingCommand): Promise<void> {
    const { commandId, decide } = command.work;
    const { state } = this;
    if (await this.settleRepeat(command, state.commands.find(commandId))) return;
    const isLookedUp = this.isLookedUp(command);
    if (isLookedUp && (await this.settleRepeat(command, await state.earlier(commandId)))) return;
    const on = { revision: this.revision, isStored: this.parts.length === 0 };
    const decided = await state.loading(() => decide(this.present, on));
    if (decided.hasRead) this.readers.add(command);
    if (decided.hasRead && this.parts.length > 0) return;
    if (decided.kind === 'events') return this.add(command, decided);
    // No append would tell that it was a repeat.
    if (!isLookedUp && (await this.settleRepeat(command, await state.earlier(commandId)))) return;
    this.held.push({ command, decided, parts: this.parts.length });
  }

  private async settleRepeat(command: WaitingCommand, revisions: readonly number[]): Promise<boolean> {
    const { stream, commandId, inputHmac, isRehearsal, onAppended } = command.work;
    const before = await this.answers.among(stream, revisions, commandId);
    if (before) {
      onAppended(before, this.present);
      command.settle(isRehearsal ? 'repeat' : repeatedAnswer(before, inputHmac));
    }
    return before !== null;
  }

  private async add(command: WaitingCommand, decided: Events): Promise<void> {
    const bytes = appendBytes(decided.stored);
    if (bytes > maxAppendBytes) return command.settle(tooLarge(bytes, maxAppendBytes));
    const { present, state, revision } = this;
    const after = await state.loading(() =>
      decided.events.reduce((folded, event, i) => state.after(folded, event, revision + 1 + i), present),
    );
    this.parts.push({ command, decided, after });
    this.revision += decided.events.length;
    this.bytes += bytes;
  }

  /** With what was decided before. */
  private get present(): unknown {
    const last = this.parts.at(-1);
    return last ? last.after : this.state.state;
  }
}

export const answerOf = (decided: WithoutEvents, { position }: Pick<StreamState, 'position'>): Answer =>
  decided.kind === 'answer' ? decided.answer : { id: decided.id, version: decided.version, position: String(position) };

export const tooLarge = (bytes: number, limit: number): Rejection =>
  reject(
    'platform.append-too-large',
    `This makes ${bytes} bytes of events; the limit for one command is ${limit}. Split it.`,
    { status: 413, details: { bytes, limit } },
  );
