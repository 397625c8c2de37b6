import { DestroyRef, DOCUMENT, inject, Injectable, signal } from '@angular/core';
import { Preferences } from './preferences';

/** One thing that can be done: palette, `?` and button hints read it from here. */
export interface Command {
  readonly name: string;
  /** Heading in `?`: Anywhere, List, Record … */
  readonly where: string;
  readonly icon?: string;
  /** `Ctrl+K`, `Shift+T`, `?`, or a sequence `G E`. */
  readonly key?: string;
  /** Absent while false. */
  readonly when?: () => boolean;
  /** Works in fields too (combinations with Ctrl and the like always do). */
  readonly inFields?: boolean;
  /** Not offered in the palette (moving about in a list). */
  readonly quiet?: boolean;
  readonly run: () => void;
}

const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent);
export const keyWords = (key: string): string[] =>
  key.split(/[ +]/).map((part) => (isMac && part === 'Ctrl' ? 'Cmd' : part === 'Escape' ? 'Esc' : part));

function pressed(event: KeyboardEvent): string {
  const name = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const letter = /^[A-Z]$/.test(name);
  return [
    event.ctrlKey || event.metaKey ? 'Ctrl' : '',
    event.altKey ? 'Alt' : '',
    event.shiftKey && (letter || event.key.length > 1) ? 'Shift' : '',
    name === ' ' ? 'Space' : name.replace('Arrow', ''),
  ]
    .filter(Boolean)
    .join('+');
}
const inField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    /^(TEXTAREA|SELECT)$/.test(target.tagName) ||
    (target instanceof HTMLInputElement && !/^(checkbox|radio|button|file)$/.test(target.type)));

@Injectable({ providedIn: 'root' })
export class Commands {
  private readonly preferences = inject(Preferences);
  private readonly registered = signal<readonly Command[]>([]);
  readonly all = this.registered.asReadonly();
  private first = '';
  private firstAt = 0;

  constructor() {
    inject(DOCUMENT).addEventListener('keydown', (event) => this.onKey(event));
  }

  /** Adds commands for as long as the caller lives (an injection context), or until the answer is called. */
  add(...commands: readonly Command[]): () => void {
    this.registered.update((list) => [...list, ...commands]);
    return () => this.registered.update((list) => list.filter((command) => !commands.includes(command)));
  }
  /** As `add`, taken back when the component goes. */
  use(...commands: readonly Command[]): void {
    const remove = this.add(...commands);
    inject(DestroyRef).onDestroy(remove);
  }
  /** What can be done now, each name once: the page's own before the shell's. */
  available(): Command[] {
    const seen = new Set<string>();
    return [...this.registered()].reverse().filter((command) => {
      if (seen.has(command.name) || command.when?.() === false) return false;
      return seen.add(command.name) !== undefined;
    });
  }

  private onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    const key = pressed(event);
    // A dialog or an open panel has the keys to itself: Esc closes it, letters are its own.
    const modal = document.querySelector('dialog[open], [data-open]') !== null;
    const single = !key.includes('Ctrl+') && !key.includes('Alt+');
    const typing = inField(event.target);
    const sequence = this.first !== '' && Date.now() - this.firstAt < 1500 ? `${this.first} ${key}` : '';
    for (const wanted of sequence === '' ? [key] : [sequence, key]) {
      const command = this.available().find((c) => c.key === wanted && (!typing || !single || c.inFields === true));
      if (command === undefined || modal || (single && key !== 'Escape' && !this.preferences.singleKeys())) continue;
      event.preventDefault();
      this.first = '';
      command.run();
      return;
    }
    const starts = !typing && !modal && single && this.registered().some((c) => c.key?.startsWith(`${key} `));
    this.first = starts ? key : '';
    this.firstAt = Date.now();
  }
}
