import { appendBytes, type EventToAppend, maxAppendBytes } from '@daybook/event-store';
import { type CommandResult, type NewEvent, reject, type Rejection } from '@daybook/kernel';
import type { DecideBinding } from '../context.js';
import type { Waiting } from './grouped-queue.js';
import { type RecordedAnswers, repeatedAnswer } from './recorded-answers.js';
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
  readonly decide: (state: unknown) => Promise<Decided>;
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
 * fails, that is a repeat or too large is settled at once, and hurts no other.
 */
export class GroupDecision {
  readonly parts: Part[] = [];
  readonly held: Held[] = [];
  /** For the next group: no room, or what they need must be stored first. */
  readonly later: WaitingCommand[] = [];
  private bytes = 0;
  private revision: number;

  constructor(
    private readonly state: StreamState,
    private readonly answers: RecordedAnswers,
    /** Commands that are known to read past events, so that a group reads for one of them only. */
    private readonly readers: WeakSet<WaitingCommand>,
  ) {
    this.revision = state.revision;
  }

  async decideAll(group: readonly WaitingCommand[]): Promise<this> {
    for (const command of group) {
      if (this.mustWait(command)) this.later.push(command);
      else await this.decideOne(command).catch(command.fail);
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
    const { stream, commandId, inputHmac, isRehearsal, decide } = command.work;
    const before = await this.answers.among(stream, this.state.commands.find(commandId), commandId);
    if (before) return command.settle(isRehearsal ? 'repeat' : repeatedAnswer(before, inputHmac));
    const decided = await decide(this.present);
    if (decided.hasRead) this.readers.add(command);
    if (decided.hasRead && this.parts.length > 0) this.later.push(command);
    else if (decided.kind !== 'events') this.held.push({ command, decided, parts: this.parts.length });
    else this.add(command, decided);
  }

  private add(command: WaitingCommand, decided: Events): void {
    const bytes = appendBytes(decided.stored);
    if (bytes > maxAppendBytes) return command.settle(tooLarge(bytes, maxAppendBytes));
    let [after, revision] = [this.present, this.revision];
    for (const event of decided.events) after = this.state.after(after, event, ++revision);
    this.parts.push({ command, decided, after });
    this.revision = revision;
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
