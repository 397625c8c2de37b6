import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { postEntry } from '@daybook/accounting';
import { approvalRequestView, changeRequest, type readApprovalRequest } from '@daybook/approvals';
import { Api } from '../core/api';
import { AsOf } from '../core/as-of';
import { changesOf } from '../core/changes';
import { Leaving } from '../core/leaving';
import { Links } from '../core/links';
import { Live } from '../core/live';
import { Preferences } from '../core/preferences';
import { asProblem, type Problem } from '../core/problem';
import { Rights } from '../core/rights';
import { Toasts } from '../core/toasts';
import { Cell } from '../parts/cell';
import { draftOf } from '../pages/entry-form/entry-draft';
import { Icon } from '../parts/icon';
import { recordOf } from './record-of';
import { changed, type Leaf, leavesOf, shownOf } from './value-model';

/** What a pending request asks for, in words; the requester may change it while it is pending, which voids approvals. */
@Component({
  selector: 'db-approval-input',
  imports: [Cell, Icon, RouterLink],
  templateUrl: './approval-input.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ApprovalInput {
  private readonly api = inject(Api);
  private readonly asOf = inject(AsOf);
  private readonly rights = inject(Rights);
  private readonly toasts = inject(Toasts);
  private readonly live = inject(Live);
  private readonly links = inject(Links);
  private readonly preferences = inject(Preferences);
  readonly row = input.required<Readonly<Record<string, unknown>>>();
  protected readonly view = approvalRequestView;
  protected readonly command = computed(() => recordOf<typeof readApprovalRequest>(this.row()));
  protected readonly mayChange = computed(
    () =>
      !this.asOf.past() &&
      this.command().yourPart === 'own' &&
      this.command().changeable &&
      this.command().input !== null &&
      this.rights.may(changeRequest),
  );
  /** null once the requester is erased. */
  protected readonly content = computed(() => {
    const { input } = this.command();
    return input === null ? null : shownOf(input);
  });
  /** The input as it is being changed; null while it is only shown. */
  protected readonly draft = signal<Readonly<Record<string, unknown>> | null>(null);

  constructor() {
    inject(Leaving).guard(() => this.draft() !== null && this.draft() !== this.command().input);
  }
  /** Where the whole of it is changed: the form that made it, for an entry that the form can show. */
  protected readonly form = computed(() => {
    const { id, operation, input, companyId } = this.command();
    if (operation !== postEntry.name || companyId === null) return null;
    if (draftOf(input, this.preferences.numberForm()) === null) return null;
    return { path: this.links.company('entries/new', companyId), query: { approvalRequest: id } };
  });
  protected readonly leaves = computed(() => leavesOf(this.draft() ?? {}));
  protected readonly busy = signal(false);
  protected readonly problem = signal<Problem | null>(null);

  protected faultOf(leaf: Leaf): string {
    const pointer = `/${leaf.path.replaceAll('.', '/')}`;
    const fits = (at: string): boolean => at === pointer || at === `/input${pointer}`;
    return this.problem()?.errors.find((error) => fits(error.pointer))?.message ?? '';
  }
  protected begin(): void {
    this.problem.set(null);
    this.draft.set(this.command().input);
  }
  protected put(leaf: Leaf, text: string): void {
    const next = changed(this.draft() ?? {}, leaf, text);
    if (next !== null) this.draft.set(next);
  }
  protected async send(): Promise<void> {
    const draft = this.draft();
    if (draft === null || this.busy()) return;
    this.busy.set(true);
    this.problem.set(null);
    const { id, version, summary, input: before } = this.command();
    try {
      const input = changesOf(before ?? {}, draft);
      await this.api.execute(changeRequest, { requestId: id, input }, { ifMatch: version });
      this.draft.set(null);
      this.toasts.show(`Changed: ${summary}. Approvals given so far are void.`);
      this.live.again(this.view.path);
    } catch (error) {
      this.problem.set(asProblem(error));
    } finally {
      this.busy.set(false);
    }
  }
}
