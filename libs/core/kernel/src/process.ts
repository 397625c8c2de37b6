import * as z from 'zod';
import { instant } from './date.js';
import { event, type EventDeclaration, type Recorded, type RecordedEvent } from './event.js';
import { daybookNamespace, nameId } from './ids.js';
import type { CallOf, CommandOperation } from './operation.js';
import { type Rejection, RejectionError } from './rejection.js';

/*
 * Process managers: what happens by itself after an event (docs/adr/0055). A process is pure: events in, commands out. Its
 * state belongs to an instance (the review, the erasure that an event speaks of) and is folded from the events it names.
 * The engine sends each command under an id made of process, event and step, so that a repeat after a crash is recognised,
 * and sends nothing while it rebuilds the state.
 */

/** A command to send. `name` is the step's own within its event, and never a running number: it is part of the command's id. */
export interface Send {
  readonly kind: 'send';
  readonly name: string;
  readonly operation: CommandOperation;
  readonly input: unknown;
  /** What is done instead of all further steps when the command is rejected, by problem code. */
  readonly rejected: Readonly<Record<string, (rejection: Rejection) => readonly Send[]>>;
}
/** A moment that the instance waits for; `due` of the same name handles it. */
export interface DueAt {
  readonly kind: 'due-at';
  readonly name: string;
  readonly at: string;
}
/** What the engine does in the world, in the order of the steps. */
export type Act = Send | DueAt;
/** The state from the next event on. */
interface Remember<S> {
  readonly kind: 'remember';
  readonly state: S;
}
/** The instance has ended: its state is forgotten, and what it still waits for is called off. */
interface Done {
  readonly kind: 'done';
}
export type Step<S> = Act | Remember<S> | Done;

/**
 * Sends a command. A rejection that `rejected` does not name parks the process for the tenant, except one that says to try
 * again later (429, 503), which is tried again by itself.
 */
export const send = <O extends CommandOperation>(
  name: string,
  operation: O,
  input: CallOf<O>,
  { rejected = {} }: { rejected?: Send['rejected'] } = {},
): Send => ({ kind: 'send', name, operation, input, rejected });
/** Waits until an instant: `dueAt('remind', later(recordedAt, { days: 7 }))`. A second wait of the same name replaces the first. */
export const dueAt = (name: string, at: string): DueAt => ({ kind: 'due-at', name, at });
export const remember = <S>(state: S): Remember<S> => ({ kind: 'remember', state });
export const done = (): Done => ({ kind: 'done' });

/** An instant so much later. A day is 24 hours. */
export const later = (from: string, { days = 0, hours = 0 }: { days?: number; hours?: number }): string =>
  new Date(Date.parse(from) + (days * 24 + hours) * 3_600_000).toISOString();

/** A moment that a process waited for has come. Recorded as an event, so that a rebuild sees it where it came. */
export const processDue = event('platform.process-due', {
  data: z.object({ process: z.string(), instance: z.string(), step: z.string(), dueAt: instant }),
  record: ({ process, instance }) => ({ type: 'platform.process', id: processRecordId(process, instance) }),
});
export const processRecordId = (process: string, instance: string): string =>
  nameId(daybookNamespace, 'process', process, instance);

/** An event without its data: what is known of every event, also of one whose type this program does not know. */
export type EventEnvelope = Omit<RecordedEvent, 'data'>;

/** What a process does on one event. */
export interface Reaction {
  /** null: every event, by its envelope. */
  readonly event: EventDeclaration | null;
  /** The instance that the event speaks of; null: it is not for this reaction. */
  readonly instanceOf: (event: RecordedEvent) => string | null;
  /** Only for an instance that has begun and not ended. */
  readonly onlyUnderWay: boolean;
  steps(event: RecordedEvent, state: unknown): readonly Step<unknown>[];
}
export interface Process {
  readonly kind: 'process';
  /** `identity.access-review`: its context, then what it carries out. */
  readonly name: string;
  /** For people: "Carry out access reviews". */
  readonly title: string;
  /** Raised when state or reactions change: the state is then rebuilt from the log, and nothing is sent for what is past. */
  readonly version: number;
  readonly initial: unknown;
  readonly on: readonly Reaction[];
}

/** Fields of an event that name the instance. */
type TextFieldOf<E extends EventDeclaration> = {
  [K in keyof Recorded<E>['data']]: Recorded<E>['data'][K] extends string ? K : never;
}[keyof Recorded<E>['data']] &
  string;
type When<S> = <E extends EventDeclaration>(
  event: E,
  instance: TextFieldOf<E>,
  steps: (event: Recorded<E>, state: S) => readonly Step<S>[],
) => Reaction;
type Every<S> = (
  instanceOf: (event: EventEnvelope) => string | null,
  steps: (event: EventEnvelope, state: S) => readonly Step<S>[],
) => Reaction;
type Due<S> = (step: string, steps: (event: Recorded<typeof processDue>, state: S) => readonly Step<S>[]) => Reaction;

/**
 * Declares a process:
 *
 *   export const orderFromQuote = process('trade.order-from-quote', {
 *     title: 'Order what a won quote offered',
 *     version: 1,
 *     on: (when) => [when(quoteWon, 'quoteId', ({ data }) => [send('create order', createOrder, { quote: data.quoteId })])],
 *   });
 *
 * Personal fields of events are null here, as after an erasure: state and commands name people by id. The state is JSON.
 * `every` hears all events of all contexts, for instances that are under way (who follows a record).
 */
export function process<S = null>(
  name: string,
  declared: {
    title: string;
    version: number;
    initial?: S;
    on: (when: When<S>, due: Due<S>, every: Every<S>) => readonly Reaction[];
  },
): Process {
  if (!/^[a-z][a-z-]*\.[a-z][a-z-]*$/.test(name)) throw new Error(`${name} is no name of a process (context.name).`);
  const { title, version, initial = null } = declared;
  const when: When<S> = (of, field, steps) => ({
    event: of,
    instanceOf: ({ data }) => (data as Record<string, string>)[field]!,
    onlyUnderWay: false,
    steps,
  });
  const due: Due<S> = (step, steps) => ({
    event: processDue,
    instanceOf: ({ data }) => {
      const of = data as Recorded<typeof processDue>['data'];
      return of.process === name && of.step === step ? of.instance : null;
    },
    onlyUnderWay: true,
    steps,
  });
  const every: Every<S> = (instanceOf, steps) => ({ event: null, instanceOf, onlyUnderWay: true, steps });
  return { kind: 'process', name, title, version, initial, on: declared.on(when, due, every) };
}

/** What one event makes of an instance. */
export interface Reacted {
  readonly instance: string;
  readonly steps: readonly Step<unknown>[];
  /** The state from here on; undefined: the instance is not under way. */
  readonly state: unknown;
}

/** Whether the reaction hears events of the type at all. */
export const hears = ({ event }: Pick<Reaction, 'event'>, type: string): boolean =>
  event === null || event.name === type;

/** The instances that an event speaks of. */
export const instancesIn = ({ on }: Process, event: RecordedEvent): string[] =>
  on.flatMap((reaction) => (hears(reaction, event.type) ? (reaction.instanceOf(event) ?? []) : []));

/** `stateOf` answers the state of an instance that is under way, else undefined. */
export function react(
  { on, initial }: Process,
  event: RecordedEvent,
  stateOf: (instance: string) => unknown,
): Reacted[] {
  const reacted: Reacted[] = [];
  for (const reaction of on) {
    const instance = hears(reaction, event.type) ? reaction.instanceOf(event) : null;
    if (instance === null) continue;
    const before = reacted.findLast((one) => one.instance === instance);
    const known = before ? before.state : stateOf(instance);
    if (known === undefined && reaction.onlyUnderWay) continue;
    const steps = reaction.steps(event, known === undefined ? initial : known);
    reacted.push({ instance, steps, state: stateAfter(steps, known, initial) });
  }
  return reacted;
}

function stateAfter(steps: readonly Step<unknown>[], before: unknown, initial: unknown): unknown {
  if (steps.some(({ kind }) => kind === 'done')) return undefined;
  const remembered = steps.findLast((step) => step.kind === 'remember');
  if (remembered) return remembered.state;
  return before === undefined && steps.some(({ kind }) => kind === 'due-at') ? initial : before;
}

/** The id of a step's command: the same whenever, and by whichever program, the event is handled. */
export const stepCommandId = (process: string, eventId: string, step: string): string =>
  nameId(eventId, 'process', process, step);

/** A step was rejected in a way that the process does not name. */
export class StepRejected extends RejectionError {
  constructor(
    readonly step: string,
    rejection: Rejection,
  ) {
    super(rejection);
    this.message = `${step}: ${rejection.code} (${rejection.message})`;
  }
}

/**
 * Goes through steps in their order, and yields what is to be done; `next` takes what became of it, null for accepted.
 * Throws StepRejected for a rejection that the step does not name.
 */
export function* carryOut(steps: readonly Step<unknown>[]): Generator<Act, void, Rejection | null> {
  const acts = steps.filter((step) => step.kind === 'send' || step.kind === 'due-at');
  const twice = acts.find(({ name }, index) => acts.findIndex((other) => other.name === name) !== index);
  if (twice) throw new Error(`Two steps on one event are called "${twice.name}".`);
  for (const act of acts) {
    const rejection = yield act;
    if (rejection === null) continue;
    const instead = act.kind === 'send' ? act.rejected[rejection.code] : undefined;
    if (!instead) throw new StepRejected(act.name, rejection);
    return yield* carryOut(instead(rejection));
  }
}
