import { ChangeDetectionStrategy, Component, computed, inject, input, signal, viewChild } from '@angular/core';
import { Router } from '@angular/router';
import {
  type ActionDeclaration,
  calledIn,
  type CommandOperation,
  type CommandResult,
  newId,
  type RecordList,
  type ViewDeclaration,
} from '@daybook/kernel';
import { Api } from '../../core/api';
import { asked } from '../../core/asked';
import { type Choice, Choices, isOffered } from '../../core/choices';
import { Companies } from '../../core/companies';
import { CustomFields } from '../../core/custom-fields';
import { Dialogs } from '../../core/dialogs';
import { fill, Links } from '../../core/links';
import { asProblem, type Problem } from '../../core/problem';
import { Leaving } from '../../core/leaving';
import { People } from '../../core/people';
import { Roles } from '../../core/roles';
import { Toasts } from '../../core/toasts';
import { Values } from '../../core/values';
import { Icon } from '../../parts/icon';
import { Modal } from '../../parts/modal';
import { isScoped } from '../../views';
import { customFormFields, customOffered, customStart, withCustomInput } from './custom-form';
import { changedFrom, fieldsOf } from './fields';
import { FormFields } from './form-fields';
import type { Wanted } from './record-picker';
import { Secret } from './secret';

type Row = Readonly<Record<string, unknown>>;

/** An action as a dialog: what it will do, the fields it asks, a reason, and the verb again on the button. */
@Component({
  selector: 'db-action-dialog',
  imports: [FormFields, Icon, Modal, Secret],
  templateUrl: './action-dialog.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ActionDialog {
  private readonly api = inject(Api);
  private readonly companies = inject(Companies);
  private readonly toasts = inject(Toasts);
  private readonly values = inject(Values);
  private readonly choices = inject(Choices);
  private readonly roles = inject(Roles);
  private readonly people = inject(People);
  private readonly dialogs = inject(Dialogs);
  private readonly customFields = inject(CustomFields);
  private readonly links = inject(Links);
  private readonly router = inject(Router);
  readonly view = input.required<ViewDeclaration>();
  readonly action = input.required<ActionDeclaration>();
  readonly rows = input.required<readonly Row[]>();
  /** Filters of the list: for all that match, of which these rows are some. */
  readonly where = input<Row | null>(null);
  /** Selected rows that the action does not fit. */
  readonly left = input(0);
  readonly close = input.required<(done: boolean) => void>();
  /** What a form without a row begins with. */
  readonly begins = input<Row>({});
  /** Is told of what was created, where somebody waits for it. */
  readonly made = input<(result: CommandResult) => void>();
  private readonly form = viewChild(FormFields);
  /** One key per row and opening: sending the same form again does nothing twice. */
  private readonly key = newId();
  private readonly fresh = newId();
  protected readonly reason = signal('');
  protected readonly busy = signal(false);
  protected readonly done = signal(0);
  protected readonly problem = signal<Problem | null>(null);
  /** The secret that the answer shows once; the dialog stays until it is taken. */
  protected readonly issuedSecret = signal<string | null>(null);
  protected readonly waits = signal(false);
  protected readonly offered = asked(
    () => ({ operation: this.action().operation.name, custom: this.custom().length }),
    async (_, signal) => {
      const answers: Record<string, readonly Choice[]> = {};
      for (const [name, { as, choices }] of Object.entries(this.action().ask ?? {}))
        if (as === 'company') answers[name] = this.companies.all().map(({ id, name: label }) => ({ value: id, label }));
        else if (as === 'person' && choices === undefined) answers[name] = this.people.choices();
        else if (as === 'role' && choices === undefined) answers[name] = await this.roles.choices();
        else if (isOffered(choices)) answers[name] = await this.choices.of(choices, { signal, known: null });
      return { ...answers, ...customOffered(this.custom(), this.people.choices()) };
    },
  );

  constructor() {
    inject(Leaving).guard(() => this.typed());
  }
  /** Has input that a click outside, or a reload, would lose. */
  protected typed(): boolean {
    return this.issuedSecret() !== null || this.reason().trim() !== '' || (this.form()?.touched() ?? false);
  }
  /** Over this dialog: the record that a field names and that is not there yet. */
  protected create(field: string, { view, action, start: begins }: Wanted): void {
    const made = ({ id }: CommandResult): void => this.form()?.take(field, id);
    void this.dialogs.above(ActionDialog, { view, action, rows: [], begins, made });
  }
  private readonly custom = computed(() => this.customFields.of(this.action().operation.custom?.record.name));
  protected readonly fields = computed(() => [
    ...fieldsOf(this.action().operation.input, this.action().ask ?? {}),
    ...customFormFields(this.custom(), this.rows()[0]),
  ]);
  protected readonly start = computed(() => {
    const row = this.rows()[0];
    if (row === undefined) return this.begins();
    if (this.rows().length > 1) return {};
    const own = Object.entries(this.action().from ?? {}).map(([field, from]) => [field, row[from]]);
    return { ...Object.fromEntries(own), ...customStart(row) };
  });
  protected readonly asksReason = computed(() => this.rows().length > 0 && !('reason' in (this.action().ask ?? {})));
  protected readonly title = computed(() => {
    const [row] = this.rows();
    if (row === undefined) return this.action().label;
    if (this.where() !== null) return `${this.action().label} all ${this.view().title.toLowerCase()} that match?`;
    const { label, title } = this.action();
    if (title !== undefined && this.rows().length === 1) return fill(title, row);
    return this.rows().length === 1
      ? `${label} ${this.nameOf(row)}?`
      : `${label} ${this.rows().length} ${this.view().title.toLowerCase()}?`;
  });
  protected readonly what = computed(() => {
    const { what, operation } = this.action();
    return what ?? (operation.description || `${operation.title}.`);
  });

  private nameOf(row: Row): string {
    const [pin, column] = Object.entries(this.view().columns).find(([, one]) => one.pin === true) ?? [this.view().id];
    return String(row[column?.name ?? pin] ?? column?.none ?? '');
  }
  /** What a new record is called, by what its type, its page or its list says; what it was given may be in the answer. */
  private nameOfNew(made: Row): string {
    const { list, record, one, columns, id } = this.view();
    const [pin = ''] =
      Object.entries(columns).find(([name, { pin: isPinned }]) => isPinned === true && name !== id) ?? [];
    const declared = [this.action().operation, list].find((said): said is RecordList => 'of' in said)?.of.record;
    const title = declared === undefined ? made[record?.title ?? pin] : calledIn(declared, made);
    return String(title ?? one);
  }
  private inputFor(row: Row | undefined, typedIn: Record<string, unknown>): Record<string, unknown> {
    const asked = withCustomInput(this.custom(), row, typedIn);
    const { operation, from = {}, ask = {}, fresh } = this.action();
    const taken = Object.entries(from).flatMap(([field, name]) => {
      const value = field in ask ? null : row?.[name];
      return value === null || value === undefined ? [] : [[field, value] as const];
    });
    const ofCompany = 'companyId' in operation.input.shape && !('companyId' in ask);
    const company = ofCompany ? { companyId: this.companies.current()?.id } : {};
    const named = fresh === undefined || fresh in from ? {} : { [fresh]: this.fresh };
    const typed = row === undefined ? asked : changedFrom(row, from, ask, operation.input, asked);
    return { ...company, ...named, ...this.action().with, ...Object.fromEntries(taken), ...typed };
  }

  protected async send(): Promise<void> {
    if (this.busy()) return;
    const typed = this.form()?.submit() ?? (this.fields().length === 0 ? {} : null);
    if (typed === null) return;
    this.busy.set(true);
    this.problem.set(null);
    const operation: CommandOperation = this.action().operation;
    if (this.where() !== null || (this.rows().length > 1 && operation.acceptsIdempotencyKey && !operation.sensitive))
      return this.sendAll(operation, typed);
    const targets: readonly (Row | undefined)[] = this.rows().length === 0 ? [undefined] : this.rows();
    try {
      let last: { input: Record<string, unknown>; result: CommandResult } | null = null;
      let waiting = 0;
      for (const [index, row] of targets.entries()) {
        const input = this.inputFor(row, typed);
        const version = row?.['version'];
        const result = (await this.api.execute(operation, input, {
          key: `${this.key}-${index}`,
          ...(typeof version === 'number' ? { ifMatch: version } : {}),
          ...(this.reason().trim() === '' ? {} : { reason: this.reason().trim() }),
        })) as CommandResult;
        last = { input, result };
        if (result?.approvalRequest !== undefined) waiting += 1;
        this.done.set(index + 1);
      }
      const [row] = targets;
      const name = row === undefined ? this.nameOfNew({ ...typed, ...last?.result }) : this.nameOf(row);
      const text =
        targets.length > 1
          ? `${this.action().label}: ${this.values.count(targets.length)} done`
          : `${this.action().label}: ${name}`;
      const { once } = this.action();
      const secret = once === undefined ? undefined : (last?.result as Row | undefined)?.[once.field];
      this.waits.set(waiting > 0);
      if (typeof secret === 'string') return this.issuedSecret.set(secret);
      if (waiting > 0) this.toasts.show(`${text}. It waits for a second person.`);
      else if (last !== null && targets.length === 1) this.toasts.done(text, operation, last.input, last.result);
      else this.toasts.show(text);
      if (last !== null && waiting === 0) this.made()?.(last.result);
      this.close()(true);
    } catch (error) {
      const failed = asProblem(error);
      const rest = this.form()?.refuse(failed.errors) ?? failed.errors;
      this.problem.set(failed.errors.length > 0 && rest.length === 0 ? null : failed);
    } finally {
      this.busy.set(false);
    }
  }
  /** Several rows go as one job, which says of each what would become of it, and can be taken back as a whole. */
  private async sendAll(operation: CommandOperation, typed: Record<string, unknown>): Promise<void> {
    try {
      const { startBulk } = await import('@daybook/server/import/import.operations');
      const items = this.rows().map((row) => {
        const version = row['version'];
        return {
          input: this.inputFor(row, typed),
          ...(typeof version === 'number' && operation.ifMatch !== 'none' ? { version } : {}),
        };
      });
      const where = this.where();
      const company = 'companyId' in operation.input.shape ? { companyId: items[0]?.input['companyId'] } : {};
      const reason = this.reason().trim();
      const { id } = await this.api.execute(startBulk, { operation: operation.name, ...(where === null ? { items, forAll: company } : { where, forAll: { ...company, ...this.action().with, ...typed } }) }, { key: this.key, ...(reason === '' ? {} : { reason }) }); // prettier-ignore
      const scoped = isScoped(this.view());
      const address = this.links.page({ path: 'import', scoped });
      this.close()(true);
      await this.router.navigate([address], {
        queryParams: {
          operation: operation.name,
          import: id,
          list: this.links.list(this.view()),
          title: this.view().title,
        },
      });
    } catch (error) {
      this.problem.set(asProblem(error));
    } finally {
      this.busy.set(false);
    }
  }
}
