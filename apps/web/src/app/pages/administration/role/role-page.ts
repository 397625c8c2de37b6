import { ChangeDetectionStrategy, Component, computed, effect, ElementRef, inject, input, signal } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import {
  changeRole,
  defineRole,
  listPermissions,
  readRole,
  removeRole,
  type RoleField,
  roleRecord,
  roleView,
} from '@daybook/identity';
import type { CallOf, CommandResult } from '@daybook/kernel';
import { Actions } from '../../../archetypes/form/actions';
import { RecordHistory } from '../../../archetypes/timeline/record-history';
import { RecordTogether } from '../../../collaboration/record-together';
import { Api } from '../../../core/api';
import { AsOf } from '../../../core/as-of';
import { asked } from '../../../core/asked';
import { Commands } from '../../../core/commands';
import { Leaving } from '../../../core/leaving';
import { PageTitle } from '../../../core/page-title';
import { asProblem, forbidden, type Problem } from '../../../core/problem';
import { Rights } from '../../../core/rights';
import { Toasts } from '../../../core/toasts';
import { Icon } from '../../../parts/icon';
import { ProblemState } from '../../../parts/problem-state';
import { Skeleton } from '../../../parts/skeleton';
import { FieldRules } from './field-rules';
import { PermissionTreeView } from './permission-tree';
import { type Chosen, difference, treeOf } from './role-model';
import { RoleWords } from './role-words';

type RoleInput = Required<Pick<CallOf<typeof changeRole>, 'name' | 'description' | 'permissions' | 'fields'>>;

const sorted = (names: Iterable<string> = []): string[] => [...names].sort();

/** A role: its permissions as a tree to tick, and beside it the same in plain words, and who has it. */
@Component({
  selector: 'db-role-page',
  imports: [
    RouterLink,
    FieldRules,
    Icon,
    PermissionTreeView,
    ProblemState,
    RecordHistory,
    RecordTogether,
    RoleWords,
    Skeleton,
  ],
  templateUrl: './role-page.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RolePage {
  private readonly api = inject(Api);
  private readonly asOf = inject(AsOf);
  private readonly router = inject(Router);
  private readonly rights = inject(Rights);
  private readonly actions = inject(Actions);
  private readonly toasts = inject(Toasts);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  /** From the address; absent for a new role. */
  readonly id = input<string>();
  /** Of a new role: the one it starts from. */
  readonly from = input<string>();
  protected readonly type = roleRecord.name;
  protected readonly permission = readRole.permission;
  protected readonly allowed = this.rights.may(readRole);

  private readonly source = computed(() => this.id() ?? this.from() ?? null);
  protected readonly tree = asked(
    () => (this.allowed ? {} : null),
    async (_, signal) => {
      const answer = await this.api.ask(listPermissions, {}, { signal, known: null });
      return { nodes: treeOf(answer), fields: answer.fields };
    },
  );
  protected readonly role = asked(
    () => (this.allowed && this.source() !== null ? { roleId: this.source() ?? '' } : null),
    (input, signal) => this.api.ask(readRole, input, { signal, known: null }),
  );
  protected readonly problem = computed(() => this.tree.problem() ?? this.role.problem());
  protected readonly ready = computed(
    () => this.tree.value() !== undefined && (this.source() === null || this.role.value() !== undefined),
  );
  protected readonly slow = computed(() => this.tree.slow() || this.role.slow());
  protected readonly isNew = computed(() => this.id() === undefined);
  protected readonly builtIn = computed(() => !this.isNew() && (this.role.value()?.builtIn ?? false));
  private readonly save = computed(() => (this.isNew() ? defineRole : changeRole));
  protected readonly readOnly = computed(() => this.builtIn() || this.asOf.past() || !this.rights.may(this.save()));
  protected readonly mayDefine = computed(() => !this.asOf.past() && this.rights.may(defineRole));
  protected readonly removal = computed(() => {
    const row = this.role.value();
    return row === undefined || this.isNew() || row.builtIn ? null : this.mayRemove() ? row : null;
  });
  private readonly mayRemove = computed(() => !this.asOf.past() && this.rights.may(removeRole));
  protected readonly heading = computed(() => (this.isNew() ? 'New role' : (this.role.value()?.name ?? '')));

  protected readonly name = signal('');
  protected readonly description = signal('');
  protected readonly chosen = signal<Chosen>(new Set());
  protected readonly rules = signal<readonly RoleField[]>([]);
  protected readonly busy = signal(false);
  protected readonly failed = signal<Problem | null>(null);
  protected readonly nameFault = computed(
    () => this.failed()?.errors.find(({ pointer }) => pointer === '/name')?.message ?? '',
  );
  /** What saving would do to those who have it, before it is done. */
  protected readonly effect = computed(() => {
    const row = this.role.value();
    const nodes = this.tree.value()?.nodes;
    if (this.isNew() || row === undefined || nodes === undefined) return null;
    const { added, taken } = difference(nodes, new Set(row.permissions), this.chosen());
    return added.length + taken.length === 0 ? null : { added, taken, holders: row.heldBy.length };
  });

  constructor() {
    const title = inject(PageTitle);
    effect(() => this.heading() && title.set(this.heading()));
    // What is read fills the form; what a copy is called is for the person to say.
    effect(() => {
      const row = this.role.value();
      if (row === undefined) return;
      this.name.set(this.isNew() ? '' : row.name);
      this.description.set(row.description);
      this.chosen.set(new Set(row.permissions));
      this.rules.set(row.fields);
    });
    inject(Leaving).guard(() => !this.readOnly() && !this.busy() && this.touched());
    inject(Commands).use({
      name: 'Save the role',
      where: 'Role',
      key: 'Ctrl+Enter',
      icon: 'check',
      inFields: true,
      when: () => !this.readOnly(),
      run: () => void this.send(),
    });
  }

  protected async send(): Promise<void> {
    if (this.busy()) return;
    if (this.name().trim() === '') {
      const fault = { pointer: '/name', code: 'console.missing', message: 'The role needs a name.' };
      this.failed.set({ ...forbidden, status: 400, code: fault.code, detail: fault.message, errors: [fault] });
      return this.focusName();
    }
    this.busy.set(true);
    this.failed.set(null);
    const input: RoleInput = {
      name: this.name().trim(),
      description: this.description().trim(),
      permissions: [...this.chosen()].sort(),
      fields: [...this.rules()],
    };
    try {
      const row = this.role.value();
      const result = (await (this.isNew()
        ? this.api.execute(defineRole, input)
        : this.api.execute(
            changeRole,
            { roleId: this.id() ?? '', ...this.changes(row, input) },
            row === undefined ? {} : { ifMatch: row.version },
          ))) as CommandResult;
      this.toasts.show(`${this.isNew() ? 'Role defined' : 'Role changed'}: ${input.name}`);
      if (this.isNew()) await this.router.navigateByUrl(`/roles/${result.id}`, { replaceUrl: true });
      else this.role.reload();
    } catch (error) {
      this.failed.set(asProblem(error));
      if (this.nameFault()) this.focusName();
    } finally {
      this.busy.set(false);
    }
  }
  /** What was not touched is not sent, so that nobody else's change is undone by it. */
  private changes(row: Partial<RoleInput> | undefined, input: RoleInput): Partial<RoleInput> {
    const fields = Object.keys(input) as (keyof RoleInput)[];
    const changed = fields.filter((field) => JSON.stringify(row?.[field]) !== JSON.stringify(input[field]));
    return Object.fromEntries(changed.map((field) => [field, input[field]]));
  }
  protected async remove(): Promise<void> {
    const row = this.removal();
    if (row === null) return;
    const action = {
      operation: removeRole,
      label: 'Remove',
      destructive: true,
      what: 'A role can be removed only while nobody has it.',
      from: { roleId: 'roleId' },
    };
    if (await this.actions.perform(roleView, action, [row])) await this.router.navigateByUrl('/roles');
  }
  /** Differs from what was read; saving reads it anew. */
  private touched(): boolean {
    const row = this.role.value();
    const before = [
      this.isNew() ? '' : (row?.name ?? ''),
      row?.description ?? '',
      sorted(row?.permissions),
      row?.fields ?? [],
    ];
    const now = [this.name(), this.description(), sorted(this.chosen()), this.rules()];
    return JSON.stringify(before) !== JSON.stringify(now);
  }
  private focusName(): void {
    this.host.querySelector<HTMLElement>('#role-name')?.focus();
  }
}
