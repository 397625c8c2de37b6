import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from '@angular/core';
import { attachFile, listAttachments, removeAttachment, type ThreadRecord } from '@daybook/collaboration';
import { type ActionDeclaration, formatBytes, type OutputOf, view } from '@daybook/kernel';
import { Actions } from '../archetypes/form/actions';
import { Announcer } from '../core/announcer';
import { Api } from '../core/api';
import { AsOf } from '../core/as-of';
import { asked } from '../core/asked';
import { download } from '../core/download';
import { Live } from '../core/live';
import { People } from '../core/people';
import { asProblem, type Problem } from '../core/problem';
import { Rights } from '../core/rights';
import { Session } from '../core/session';
import { Toasts } from '../core/toasts';
import { Values } from '../core/values';
import { Icon } from '../parts/icon';
import { ProblemState } from '../parts/problem-state';
import { Said } from '../parts/said';

type Attached = OutputOf<typeof listAttachments>['items'][number];

/** Of whom is erased, and where the role hides it. */
const noName = 'a file without a name';

/** The files on a record: to download for those who may read files, to attach and to remove for those who may. */
@Component({
  selector: 'db-record-files',
  imports: [Icon, ProblemState, Said],
  template: `<section aria-labelledby="files-h">
    <div class="section-head">
      <h2 id="files-h">Files</h2>
      @if (may()) {
        <button class="btn btn-line btn-small" type="button" [class.busy]="busy()" (click)="box.click()">
          <svg icon="paperclip"></svg>Attach a file…
        </button>
        <input #box class="sr" type="file" tabindex="-1" aria-label="File to attach" (change)="attach(box)" />
      }
    </div>
    <db-said [problem]="problem()" />
    @if (read.problem(); as failed) {
      <db-problem-state what="The files" [problem]="failed" (again)="read.reload()" />
    } @else if (items().length > 0) {
      <ul class="together">
        @for (file of items(); track file.attachmentId) {
          <li>
            <svg icon="paperclip"></svg>
            <div class="grow">
              @if (mayRead()) {
                <button class="link" type="button" (click)="open(file)">{{ file.name ?? noName }}</button>
              } @else {
                {{ file.name ?? noName }}
              }
              <p class="meta">
                <span class="nowrap">{{ size(file.size) }}</span><span class="dotsep">{{
                  people.name(file.attachedBy)
                }}</span
                ><span class="dotsep nowrap">{{ values.instant(file.attachedAt, false) }}</span>
              </p>
            </div>
            @if (may()) {
              <button
                class="btn btn-icon btn-small"
                type="button"
                [attr.aria-label]="'Remove ' + (file.name ?? noName)"
                (click)="remove(file)"
              >
                <svg icon="x"></svg>
              </button>
            }
          </li>
        }
      </ul>
    } @else if (read.value()) {
      <p class="none">No files.</p>
    } @else if (read.slow()) {
      <span class="sk w-120"></span>
    }
  </section>`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RecordFiles {
  private readonly actions = inject(Actions);
  private readonly api = inject(Api);
  private readonly asOf = inject(AsOf);
  private readonly announcer = inject(Announcer);
  private readonly rights = inject(Rights);
  private readonly session = inject(Session);
  private readonly toasts = inject(Toasts);
  protected readonly people = inject(People);
  protected readonly values = inject(Values);
  protected readonly size = formatBytes;
  protected readonly noName = noName;
  readonly of = input.required<ThreadRecord>();

  protected readonly busy = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  protected readonly mayRead = computed(() => this.session.may('files.file.read'));
  protected readonly may = computed(
    () => !this.asOf.past() && this.rights.mayOn(attachFile, this.of()) && this.session.may('files.file.upload'),
  );
  protected readonly read = asked(
    () => ({ ...this.of(), known: this.asOf.known() }),
    ({ known, ...of }, signal) => this.api.ask(listAttachments, of, { signal, known }),
  );
  protected readonly items = computed(() => this.read.value()?.items ?? []);

  constructor() {
    inject(Live).on('attachments', () => this.read.reload());
  }

  protected async attach(box: HTMLInputElement): Promise<void> {
    const [file] = box.files ?? [];
    box.value = '';
    if (file === undefined) return;
    this.announcer.say(`Uploading ${file.name}`);
    await this.trying(async () => {
      const { sha256 } = await this.api.upload(file);
      await this.api.execute(attachFile, { ...this.of(), sha256 });
      this.toasts.show(`Attached ${file.name}`);
    });
  }
  protected open({ sha256, name }: Attached): Promise<void> {
    return this.trying(async () => {
      const answer = await this.api.fetch(`/v1/files/${sha256}`, {}, 'application/octet-stream');
      download(name ?? sha256, 'application/octet-stream', await answer.blob());
    });
  }
  protected async remove(file: Attached): Promise<void> {
    const named = { ...file, name: file.name ?? noName };
    if (await this.actions.perform(fileView, removal, [named])) this.read.reload();
  }
  private async trying(work: () => Promise<void>): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    this.problem.set(null);
    await work().catch((error: unknown) => this.problem.set(asProblem(error)));
    this.busy.set(false);
    this.read.reload();
  }
}

/** For the words of the dialog. */
const fileView = view(listAttachments, {
  path: 'attachments',
  title: 'Files',
  one: 'file',
  icon: 'paperclip',
  id: 'name',
  columns: {},
  empty: '',
});
const removal: ActionDeclaration = {
  operation: removeAttachment,
  label: 'Remove',
  title: 'Remove {name}?',
  icon: 'x',
  destructive: true,
  from: { threadId: 'threadId', attachmentId: 'attachmentId' },
};
