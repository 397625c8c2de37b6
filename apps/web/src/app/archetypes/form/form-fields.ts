import {
  ChangeDetectionStrategy,
  Component,
  ElementRef,
  inject,
  input,
  linkedSignal,
  output,
  signal,
} from '@angular/core';
import type { FieldError } from '@daybook/kernel';
import type { Choice } from '../../core/choices';
import { Companies } from '../../core/companies';
import { customName } from '../../core/custom-fields';
import { today } from '../../core/dates';
import { Preferences } from '../../core/preferences';
import { Values } from '../../core/values';
import { Icon } from '../../parts/icon';
import { type FormField, readField } from './fields';
import { RecordPicker, type Wanted } from './record-picker';

let forms = 0;
type Typed = Readonly<Record<string, string | boolean>>;
interface Begun {
  readonly fields: readonly FormField[];
  readonly start: Readonly<Record<string, unknown>>;
}

/** The generic form: fields from the schema, checked on blur and on submit; errors are shown at their field. */
@Component({
  selector: 'db-form-fields',
  imports: [Icon, RecordPicker],
  templateUrl: './form-fields.html',
  host: { class: 'form-fields' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class FormFields {
  private readonly preferences = inject(Preferences);
  private readonly companies = inject(Companies);
  private readonly values = inject(Values);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  readonly fields = input.required<readonly FormField[]>();
  /** Values the form starts with, in the format of the operation. */
  readonly start = input<Readonly<Record<string, unknown>>>({});
  /** Choices that a query offers, by field; they come after the form is drawn and take nothing typed away. */
  readonly offered = input<Readonly<Record<string, readonly Choice[]>>>({});
  /** Whether who shows the form creates records that it names, and that are not there yet. */
  readonly creates = input(false);
  readonly wanted = output<{ readonly field: string; readonly of: Wanted }>();
  readonly changed = output();
  protected readonly id = `form-${(forms += 1)}`;
  /** Fields that come or go while somebody types take nothing typed away. */
  protected readonly typed = linkedSignal<Begun, Typed>({
    source: () => ({ fields: this.fields(), start: this.start() }),
    computation: ({ fields, start }, before) => {
      const kept = before?.source.start === start ? before.value : {};
      return Object.fromEntries(fields.map((field) => [field.name, kept[field.name] ?? this.written(field)]));
    },
  });
  protected readonly problems = signal<Readonly<Record<string, string>>>({});

  private written(field: FormField): string | boolean {
    const value = this.start()[field.name];
    if (value === undefined || value === null) return field.start;
    if (typeof value === 'boolean') return value;
    if (Array.isArray(value)) return value.join('\n');
    if (field.kind === 'date') return this.values.text(value, 'date').replaceAll('\u00a0', ' ');
    return field.kind === 'figure' ? this.values.text(value, field.as) : String(value);
  }
  /** A record that was created for a field. */
  take(field: string, id: string): void {
    this.type(field, id);
  }
  /** Differs from what the form began with. */
  touched(): boolean {
    return this.fields().some((field) => this.typed()[field.name] !== this.written(field));
  }
  protected type(name: string, value: string | boolean): void {
    this.typed.update((typed) => ({ ...typed, [name]: value }));
    this.changed.emit();
    if (this.problems()[name]) this.check(name);
  }
  /** Headed by their groups where they have some. */
  protected groups(field: FormField): readonly { name: string; choices: readonly Choice[] }[] {
    const all = field.choices.length > 0 ? field.choices : (this.offered()[field.name] ?? []);
    const names = [...new Set(all.map((choice) => choice.group ?? ''))];
    return names.map((name) => ({ name, choices: all.filter((choice) => (choice.group ?? '') === name) }));
  }
  protected ticked(name: string, value: string): boolean {
    return String(this.typed()[name] ?? '')
      .split('\n')
      .includes(value);
  }
  protected tick(name: string, value: string, on: boolean): void {
    const held = String(this.typed()[name] ?? '')
      .split('\n')
      .filter((one) => one !== '' && one !== value);
    this.type(name, [...held, ...(on ? [value] : [])].join('\n'));
  }
  private read(field: FormField) {
    const day = today(this.companies.zone());
    return readField(field, this.typed()[field.name] ?? '', day, this.preferences.numberForm(), this.companies.zone());
  }
  /** On leaving a field: shapes are checked, absence only on submit; dates are written out. */
  protected leave(field: FormField): void {
    const typed = this.typed()[field.name];
    if (typeof typed === 'string' && typed.trim() === '') return;
    this.check(field.name);
    const { value } = this.read(field);
    if (field.kind === 'date' && typeof value === 'string')
      this.type(field.name, this.values.text(value.slice(0, 10), 'date').replaceAll('\u00a0', ' '));
  }
  private check(name: string): void {
    const field = this.fields().find((one) => one.name === name);
    const { problem = '' } = field === undefined ? {} : this.read(field);
    this.problems.update((problems) => ({ ...problems, [name]: problem }));
  }
  /** What can be read of it, as it is typed. */
  filled(): Record<string, unknown> {
    const read = this.fields().map((field) => [field.name, this.read(field).value] as const);
    return Object.fromEntries(read.filter(([, value]) => value !== undefined));
  }
  /** The input, or null after the focus went to the first field that does not fit. */
  submit(): Record<string, unknown> | null {
    const input: Record<string, unknown> = {};
    const problems: Record<string, string> = {};
    for (const field of this.fields()) {
      const { value, problem } = this.read(field);
      if (problem !== undefined) problems[field.name] = problem;
      else if (value !== undefined) input[field.name] = value;
    }
    this.problems.set(problems);
    if (Object.keys(problems).length === 0) return input;
    this.focus(Object.keys(problems)[0] ?? '');
    return null;
  }
  /** Puts the server's refusals at their fields; answers those that belong to none. */
  refuse(errors: readonly FieldError[]): readonly FieldError[] {
    const names = new Set(this.fields().map((field) => field.name));
    const nameOf = ({ pointer }: FieldError): string => {
      const [, name = '', key] = pointer.split('/');
      return name === 'custom' && key !== undefined ? customName(key) : name;
    };
    const mine = errors.filter((error) => names.has(nameOf(error)));
    this.problems.set(Object.fromEntries(mine.map((error) => [nameOf(error), error.message])));
    if (mine[0]) this.focus(nameOf(mine[0]));
    return errors.filter((error) => !mine.includes(error));
  }
  private focus(name: string): void {
    this.host.querySelector<HTMLElement>(`[name="${name}"]`)?.focus();
  }
}
