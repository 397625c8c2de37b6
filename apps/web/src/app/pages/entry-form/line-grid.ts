import {
  ApplicationRef,
  ChangeDetectionStrategy,
  Component,
  computed,
  ElementRef,
  inject,
  input,
  model,
  signal,
} from '@angular/core';
import { decimals, formatMoney, minorUnits, parseFigure } from '@daybook/kernel';
import { Preferences } from '../../core/preferences';
import { Figure } from '../../parts/figure';
import { Icon } from '../../parts/icon';
import { Marked } from '../../parts/marked';
import {
  type DraftLine,
  emptyLine,
  type Fault,
  type LineField,
  lineFields,
  pastedLines,
  type Sums,
} from './entry-draft';

export interface AccountChoice {
  readonly number: string;
  readonly name: string;
  readonly postingAllowed: boolean;
  readonly balance: string;
}
interface Cell {
  readonly row: number;
  readonly field: LineField;
}
const mostChoices = 8;

/**
 * The lines of an entry, by keyboard alone: Enter or Tab to the next cell and past the last to a new line, Down to the
 * next line, account cells search number and name with the first hit chosen, `=` takes the difference.
 */
@Component({
  selector: 'db-line-grid',
  imports: [Figure, Icon, Marked],
  templateUrl: './line-grid.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class LineGrid {
  private readonly app = inject(ApplicationRef);
  private readonly preferences = inject(Preferences);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  readonly lines = model.required<readonly DraftLine[]>();
  readonly accounts = input.required<readonly AccountChoice[]>();
  readonly sums = input.required<Sums>();
  readonly currency = input.required<string>();
  readonly faults = input<readonly Fault[]>([]);

  protected readonly here = signal<Cell | null>(null);
  protected readonly chosen = signal(0);
  protected readonly open = signal(false);
  protected readonly fields = lineFields;
  protected readonly labels: Readonly<Record<LineField, string>> = {
    account: 'Account',
    description: 'Description',
    debit: 'Debit',
    credit: 'Credit',
  };
  /** The missing amount, as a ghost in the empty amount cell of the line one is in. */
  protected readonly ghost = computed(() => {
    const missing = this.sums().missing;
    const here = this.here();
    if (missing === null || here === null) return null;
    const line = this.lines()[here.row];
    if (line === undefined || line.debit.trim() !== '' || line.credit.trim() !== '') return null;
    return { row: here.row, side: missing.side, text: this.write(missing.amount) };
  });
  protected readonly searching = computed(() => this.open() && this.here()?.field === 'account');
  protected readonly choices = computed(() => {
    const here = this.here();
    if (!this.searching() || here === null) return [];
    const typed = (this.lines()[here.row]?.account ?? '').trim().toLowerCase();
    const starts: AccountChoice[] = [];
    const holds: AccountChoice[] = [];
    for (const account of this.accounts()) {
      if (!account.postingAllowed) continue;
      const whole = `${account.number} ${account.name}`.toLowerCase();
      const begins = whole.startsWith(typed) || account.name.toLowerCase().startsWith(typed);
      if (begins) starts.push(account);
      else if (whole.includes(typed)) holds.push(account);
    }
    return [...starts, ...holds].slice(0, mostChoices);
  });

  private write(amount: string): string {
    return formatMoney(amount, this.currency(), this.preferences.numberForm());
  }
  protected faultOf(row: number, field: LineField): Fault | undefined {
    return this.faults().find((fault) => fault.line === row && fault.field === field);
  }
  set(row: number, field: LineField, value: string): void {
    this.lines.update((lines) =>
      lines.map((line, index) => {
        if (index !== row) return line;
        // One side at a time: typing debit empties credit.
        const other = field === 'debit' ? { credit: '' } : field === 'credit' ? { debit: '' } : {};
        return { ...line, ...(value.trim() === '' ? {} : other), [field]: value };
      }),
    );
  }
  protected onFocus(row: number, field: LineField): void {
    this.here.set({ row, field });
    this.open.set(false);
    this.chosen.set(0);
  }
  protected onInput(row: number, field: LineField, event: Event): void {
    this.set(row, field, (event.target as HTMLInputElement).value);
    this.open.set(field === 'account');
    this.chosen.set(0);
  }
  /** Amounts are written out and an account takes its first hit when the cell is left. */
  protected onBlur(row: number, field: LineField): void {
    if (this.open() && field === 'account' && (this.lines()[row]?.account ?? '').trim() !== '') this.take(row);
    this.open.set(false);
    if (field === 'debit' || field === 'credit') this.writeOut(row, field);
  }
  private writeOut(row: number, field: 'debit' | 'credit'): void {
    const typed = this.lines()[row]?.[field] ?? '';
    const amount = parseFigure(typed, this.preferences.numberForm());
    // What does not fit the currency stays as it was typed: the check names it.
    if (amount === null || decimals.scale(amount) > minorUnits(this.currency())) return;
    if (typed !== this.write(amount)) this.set(row, field, this.write(amount));
  }
  protected take(row: number, choice = this.choices()[this.chosen()]): void {
    if (choice !== undefined) this.set(row, 'account', `${choice.number} ${choice.name}`);
    this.open.set(false);
  }
  protected takeAt(row: number, choice: AccountChoice): void {
    this.take(row, choice);
    this.focus(row, 'description');
  }

  protected onKey(event: KeyboardEvent, row: number, field: LineField): void {
    const handled = this.handle(event, row, field);
    if (handled) {
      event.preventDefault();
      event.stopPropagation();
    }
  }
  private handle(event: KeyboardEvent, row: number, field: LineField): boolean {
    const { key, altKey, ctrlKey, metaKey, shiftKey } = event;
    const choosing = this.choices().length > 0;
    const control = ctrlKey || metaKey;
    if (control && key.toLowerCase() === 'd') return this.copyAbove(row, field);
    if (altKey && key === 'Delete') return this.remove(row);
    if (altKey && key === 'ArrowDown' && field === 'account') return this.showChoices();
    if (control || altKey) return false;
    if (choosing && (key === 'ArrowDown' || key === 'ArrowUp')) return this.choose(key === 'ArrowDown' ? 1 : -1);
    if (this.searching() && key === 'Escape') return this.hideChoices();
    switch (key) {
      case 'Enter':
        if (choosing && !shiftKey) this.takeAndFill(row);
        return this.step(row, field, shiftKey ? -1 : 1);
      case 'Tab':
        // Past the last cell of the last line there is a new line; elsewhere the browser goes on.
        return !shiftKey && field === 'credit' && row === this.lines().length - 1 && this.step(row, field, 1);
      case 'ArrowDown':
        return this.focus(row + 1, field);
      case 'ArrowUp':
        return row > 0 && this.focus(row - 1, field);
      case '=':
        return (field === 'debit' || field === 'credit') && this.fill(row);
      default:
        return false;
    }
  }
  private showChoices(): boolean {
    this.open.set(true);
    return true;
  }
  private hideChoices(): boolean {
    this.open.set(false);
    return true;
  }
  private choose(by: number): boolean {
    const count = this.choices().length;
    this.chosen.update((at) => (at + by + count) % count);
    return true;
  }
  /** Enter on an account takes it, and the difference with it when the line has no amount yet. */
  private takeAndFill(row: number): void {
    this.take(row);
    const line = this.lines()[row];
    const typed = this.lines().some((other, index) => index !== row && (other.debit !== '' || other.credit !== ''));
    if (typed && line?.debit === '' && line.credit === '') this.fill(row);
  }
  /** Takes the missing amount on the side that lacks it. */
  fill(row: number): boolean {
    const missing = this.sums().missing;
    if (missing === null) return true;
    this.set(row, missing.side, this.write(missing.amount));
    return true;
  }
  private copyAbove(row: number, field: LineField): boolean {
    const above = this.lines()[row - 1];
    if (above !== undefined) this.set(row, field, above[field]);
    return true;
  }
  protected remove(row: number): boolean {
    const rest = this.lines().filter((_, index) => index !== row);
    this.lines.set(rest.length < 2 ? [...rest, emptyLine] : rest);
    return this.focus(Math.min(row, this.lines().length - 1), 'account');
  }
  private step(row: number, field: LineField, by: 1 | -1): boolean {
    const at = lineFields.indexOf(field) + by;
    const next = lineFields[at];
    if (next !== undefined) return this.focus(row, next);
    return by === 1 ? this.focus(row + 1, 'account') : row > 0 && this.focus(row - 1, 'credit');
  }
  /** Goes to a cell at once, so that the next key pressed lands in it; a line that does not exist yet is made. */
  focus(row: number, field: LineField): boolean {
    if (row >= this.lines().length) this.lines.update((lines) => [...lines, emptyLine]);
    this.app.tick();
    const cell = this.host.nativeElement.querySelector<HTMLInputElement>(`[data-cell="${row}.${field}"]`);
    cell?.focus();
    cell?.select();
    return true;
  }
  protected onPaste(event: ClipboardEvent, row: number): void {
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (!text.includes('\t') && !text.trim().includes('\n')) return;
    event.preventDefault();
    const pasted = pastedLines(text, this.preferences.numberForm());
    this.lines.update((lines) => [...lines.slice(0, row), ...pasted, ...lines.slice(row + pasted.length)]);
    this.focus(row + pasted.length, 'account');
  }
}
