import {
  type Act,
  command,
  done,
  dueAt,
  later,
  type Process,
  process,
  reject,
  type Rejection,
  remember,
  send,
} from '@daybook/kernel';
import * as z from 'zod';
import type { ActOf, ProcessDeps } from '../process/process-work.js';
import { plainCatalogue } from './event-log.js';
import { noteAdded, noteEvents, noteRemoved, noteWritten } from './notes.js';

/* A process over the notes of the engine's specs, and a world that it acts in. */
const operation = <N extends string>(name: N) =>
  command(name, {
    title: name,
    http: `POST /v1/${name}`,
    says: 'did it',
    input: z.object({ noteId: z.string(), additions: z.int() }),
  });
export const file = operation('testing.note.file');
export const stamp = operation('testing.note.stamp');
export const shelve = operation('testing.note.shelve');

/** Files a note, stamps it with the number of its additions, and shelves it after a week unless it was removed. */
export const filing = (version = 1, name = 'testing.filing'): Process =>
  process(name, {
    title: 'File notes',
    version,
    initial: { additions: 0 },
    on: (when, due) => [
      when(noteWritten, 'noteId', ({ data: { noteId }, recordedAt }, { additions }) => [
        remember({ additions }),
        send('file', file, { noteId, additions }, { rejected: { 'testing.full': () => [send('stamp', stamp, { noteId, additions: -1 })] } }), // prettier-ignore
        send('stamp', stamp, { noteId, additions }),
        dueAt('shelve', later(recordedAt, { days: 7 })),
      ]),
      when(noteAdded, 'noteId', ({ data: { noteId } }, { additions }) => [
        remember({ additions: additions + 1 }),
        send('stamp', stamp, { noteId, additions: additions + 1 }),
      ]),
      when(noteRemoved, 'noteId', () => [done()]),
      due('shelve', ({ data: { instance } }, { additions }) => [
        send('shelve', shelve, { noteId: instance, additions }),
        done(),
      ]),
    ],
  });

/** What a process does, with commands recognised by their ids as streams do. */
export class TestWorld {
  /** In the order in which it was done: `file a 0`, `shelve at … (a)`. */
  readonly did: string[] = [];
  /** Every attempt, repeats too. */
  readonly asked: string[] = [];
  readonly calledOff: string[] = [];
  /** Rejections by operation or wait. */
  readonly refuses = new Map<string, Rejection>();
  before: (what: string) => Promise<void> | void = () => undefined;
  after: (what: string) => Promise<void> | void = () => undefined;
  private readonly ids = new Set<string>();

  deps(...processes: readonly Process[]): Omit<ProcessDeps, 'pool' | 'store' | 'now'> {
    return {
      processes,
      catalogue: plainCatalogue([
        ...noteEvents,
        ...processes.flatMap(({ on }) => on.flatMap(({ event }) => event ?? [])),
      ]),
      act: this.act,
      callOff: async (_tenant, id) => void this.calledOff.push(id),
    };
  }

  readonly act = async (act: Act, { id, instance }: ActOf): Promise<Rejection | null> => {
    const said =
      act.kind === 'due-at' ? `${act.name} at ${act.at} (${instance})` : describe(act.operation.name, act.input);
    await this.before(said);
    this.asked.push(said);
    const refused = this.refuses.get(act.kind === 'send' ? act.operation.name : act.name) ?? null;
    if (refused === null && !this.ids.has(id)) {
      this.ids.add(id);
      this.did.push(said);
    }
    await this.after(said);
    return refused;
  };
}

const describe = (name: string, input: unknown): string => {
  const { noteId, additions } = input as { noteId: string; additions: number };
  return `${name.split('.').at(-1)} ${noteId} ${additions}`;
};

export const full = reject('testing.full', 'No room.');
export const busy = reject('testing.busy', 'Not now.', { status: 503 });
