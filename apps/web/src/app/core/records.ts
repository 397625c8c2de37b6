import { computed, inject, Injectable, type Signal, signal } from '@angular/core';
import {
  calledIn,
  type QueryOperation,
  type RecordScreen,
  screenOf,
  untitledOf,
  type ViewDeclaration,
} from '@daybook/kernel';
import { Api } from './api';
import { asked } from './asked';
import type { Choice } from './choices';
import { Companies } from './companies';
import { Links } from './links';
import type { Problem } from './problem';
import { Rights } from './rights';
import { Session } from './session';

type Row = Readonly<Record<string, unknown>>;
interface Answer {
  readonly items: readonly Row[];
}
const most = 200;

/** What records are called that others name by their id: asked for in one batch, by the list of their type. */
@Injectable({ providedIn: 'root' })
export class Records {
  private readonly api = inject(Api);
  private readonly companies = inject(Companies);
  private readonly rights = inject(Rights);
  private readonly links = inject(Links);
  private readonly session = inject(Session);
  private readonly found = signal<ReadonlyMap<string, string>>(new Map());
  private readonly waiting = new Map<string, Map<string, string>>();
  private readonly asked = new Set<string>();

  constructor() {
    this.session.whenOther(() => {
      this.asked.clear();
      this.waiting.clear();
      this.found.set(new Map());
    });
  }

  /** null where it is not loaded, or may not be read. */
  screen(to: string): RecordScreen | null {
    const screen = screenOf(to);
    return screen !== undefined && this.rights.may(screen.view.list) ? screen : null;
  }
  /** Its id, in short, until the name is known, and for those who may not read it. */
  name(to: string, id: string): string {
    const screen = this.screen(to);
    const key = screen && this.key(screen, id);
    const name = key === null ? undefined : this.found().get(key);
    if (name === undefined && key !== null && !this.asked.has(key)) this.ask(to, id, key);
    return name ?? (id.length > 12 ? `${id.slice(0, 8)}…` : id);
  }
  link(to: string, id: string): string | null {
    const screen = this.screen(to);
    return screen && this.links.row(screen.view, { [screen.view.id]: id });
  }
  /** Rows of the record's list as choices. People know some by a number: it comes first. */
  choices({ record }: RecordScreen, rows: readonly Row[]): readonly Choice[] {
    return rows.map((row) => ({ value: String(row[record.id]), label: calledIn(record, row) ?? untitledOf(record) }));
  }
  /** What was read elsewhere is not asked for again: the choices of a picker. */
  learn(screen: RecordScreen, choices: readonly Choice[]): void {
    const names = choices.map(({ value, label }) => [this.key(screen, value), label] as const);
    this.found.update((known) => new Map([...known, ...names]));
  }
  /** So many of them, as they are now; those of a company are of the one that one is in. */
  async list({ view }: RecordScreen, limit: number, where: Row, signal?: AbortSignal): Promise<readonly Row[]> {
    const { list } = view;
    const companyId = this.companyOf(view);
    const input = {
      ...where,
      ...(companyId === null ? {} : { companyId }),
      ...('limit' in list.input.shape ? { limit } : {}),
    };
    const answer = (await this.api.ask(list as QueryOperation, input, {
      known: null,
      ...(signal ? { signal } : {}),
    })) as Answer;
    return answer.items;
  }

  private companyOf({ list }: ViewDeclaration): string | null {
    return 'companyId' in list.input.shape ? (this.companies.current()?.id ?? null) : null;
  }
  /** The same number is another record in another company. */
  private key({ view, record }: RecordScreen, id: string): string {
    return `${record.name} ${this.companyOf(view) ?? ''} ${id}`;
  }
  private ask(to: string, id: string, key: string): void {
    this.asked.add(key);
    const ids = this.waiting.get(to) ?? new Map<string, string>();
    if (ids.size === 0) setTimeout(() => void this.read(to));
    this.waiting.set(to, ids.set(id, key));
  }
  private async read(to: string): Promise<void> {
    const waiting = [...(this.waiting.get(to) ?? [])];
    this.waiting.delete(to);
    const screen = this.screen(to);
    const who = this.session.who();
    for (let from = 0; screen !== null && from < waiting.length; from += most) {
      const part = waiting.slice(from, from + most);
      try {
        const rows = await this.list(screen, most, { [screen.record.id]: part.map(([id]) => id) });
        // It was asked with the rights of somebody else.
        if (this.session.who() !== who) return;
        this.learn(screen, this.choices(screen, rows));
      } catch {
        // Until it is asked for again, the id stands for the name.
        for (const [, key] of part) this.asked.delete(key);
      }
    }
  }
}

export interface RecordSearch {
  readonly to: string;
  /** Empty: the first of all. */
  readonly text: string;
}
export interface FoundRecords {
  readonly found: Signal<readonly Choice[]>;
  /** Whether what is found answers what is searched for, and nothing older. */
  readonly answered: Signal<boolean>;
  /** What there is to say below them: why there are none, or that there are more. */
  readonly said: Signal<string | null>;
  readonly problem: Signal<Problem | null>;
  again(): void;
}
/** Records that are found while one types what they are called; null searches nothing. Needs an injection context. */
export function searchRecords(wanted: () => RecordSearch | null, limit: number): FoundRecords {
  const records = inject(Records);
  const search = computed(wanted);
  const screen = computed(() => {
    const { to } = search() ?? {};
    return to === undefined ? null : records.screen(to);
  });
  const read = asked(
    () => (screen() === null ? null : search()),
    async ({ to, text }, signal) => {
      const listed = records.screen(to);
      if (listed === null) return { text, choices: [] };
      const finds = 'text' in listed.view.list.input.shape;
      const rows = await records.list(listed, limit, finds && text !== '' ? { text } : {}, signal);
      const choices = records.choices(listed, rows);
      const within = (label: string): boolean => finds || label.toLowerCase().includes(text.toLowerCase());
      return { text, choices: choices.filter(({ label }) => within(label)) };
    },
  );
  const found = computed(() => read.value()?.choices ?? []);
  const answered = computed(() => read.value() !== undefined && read.value()?.text === search()?.text);
  const said = computed(() => {
    if (search() === null) return null;
    if (screen() === null) return 'You cannot list these.';
    const problem = read.problem();
    if (problem !== null) return problem.detail;
    if (!answered()) return read.slow() ? 'Searching' : null;
    if (found().length === limit) return `The first ${limit}. Type more to find others.`;
    if (found().length > 0) return null;
    return search()?.text === '' ? 'There are none yet.' : 'Nothing has this name.';
  });
  return { found, answered, said, problem: read.problem, again: () => read.reload() };
}
