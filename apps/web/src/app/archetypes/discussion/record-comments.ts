import { ChangeDetectionStrategy, Component, computed, inject, input, signal, viewChild } from '@angular/core';
import {
  type commentRow,
  editComment,
  followRecord,
  listComments,
  listCommentVersions,
  partsOf,
  readFollowing,
  type ThreadRecord,
  unfollowRecord,
  withdrawComment,
  writeComment,
} from '@daybook/collaboration';
import { initials } from '@daybook/kernel';
import type * as z from 'zod';
import { Api } from '../../core/api';
import { AsOf } from '../../core/as-of';
import { asked } from '../../core/asked';
import { Commands } from '../../core/commands';
import { Live } from '../../core/live';
import { firstPages } from '../../core/pages';
import { People } from '../../core/people';
import { asProblem, type Problem } from '../../core/problem';
import { Rights } from '../../core/rights';
import { Session } from '../../core/session';
import { Values } from '../../core/values';
import { Icon } from '../../parts/icon';
import { ProblemState } from '../../parts/problem-state';
import { CommentField } from './comment-field';

type Row = z.output<typeof commentRow>;
const pageSize = 20;

/**
 * What people say about a record, and who follows it: on the page of every record, whatever its context. The server
 * decides by the record itself who reads it.
 */
@Component({
  selector: 'db-record-comments',
  imports: [CommentField, Icon, ProblemState],
  templateUrl: './record-comments.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class RecordComments {
  private readonly api = inject(Api);
  private readonly asOf = inject(AsOf);
  private readonly rights = inject(Rights);
  private readonly people = inject(People);
  private readonly values = inject(Values);
  private readonly session = inject(Session);
  readonly of = input.required<ThreadRecord>();

  private readonly field = viewChild<CommentField>('field');
  protected readonly pages = signal(1);
  protected readonly read = asked(
    () => ({ ...this.of(), pages: this.pages(), known: this.asOf.known() }),
    ({ known, pages, ...of }, signal) =>
      firstPages(pages, (page) => this.api.ask(listComments, { ...of, limit: pageSize, ...page }, { signal, known })),
  );
  protected readonly following = asked(
    () => ({ ...this.of(), known: this.asOf.known() }),
    ({ known, ...of }, signal) => this.api.ask(readFollowing, of, { signal, known }),
  );
  protected readonly comments = computed(() =>
    (this.read.value()?.items ?? []).map((row) => {
      const name = this.people.name(row.author);
      return {
        ...row,
        name,
        face: initials(name),
        parts: partsOf(row.text ?? '').map((part) => ({
          text: part.person === undefined ? part.text : `@${this.people.name(part.person)}`,
          mention: part.person !== undefined,
        })),
        at: this.values.instant(row.writtenAt, false),
        mine: row.author === this.session.current()?.person.id && row.status !== 'withdrawn' && this.writes(),
        changed: row.version > 1,
      };
    }),
  );
  protected readonly past = this.asOf.past;
  protected readonly writes = computed(() => !this.past() && this.rights.mayOn(writeComment, this.of()));
  protected readonly follows = computed(() => !this.past() && this.rights.may(followRecord));
  protected readonly busy = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  /** The comment that is edited, and what could not be done with one. */
  protected readonly editing = signal<string | null>(null);
  protected readonly failed = signal<{ readonly id: string; readonly problem: Problem } | null>(null);
  protected readonly history = signal<{
    readonly id: string;
    readonly texts: readonly { text: string; at: string }[];
  } | null>(null);

  constructor() {
    const live = inject(Live);
    // A hint may come before the answer to what one does oneself: until then the comment would be in the list and in the field.
    live.on('comments', () => this.busy() || this.read.reload());
    live.on('followers', () => this.following.reload());
    inject(Commands).use({
      name: 'Comment',
      where: 'Record',
      key: 'M',
      icon: 'message-square',
      when: () => this.writes() && this.field() !== undefined,
      run: () => this.field()?.focus(),
    });
  }

  protected async write(text: string): Promise<void> {
    const sent = await this.perform(this.problem, () => this.api.execute(writeComment, { ...this.of(), text }));
    if (sent) this.field()?.clear();
  }
  protected async edit({ threadId, commentId, version }: Row, text: string): Promise<void> {
    const done = await this.performOn(commentId, () =>
      this.api.execute(editComment, { threadId, commentId, text }, { ifMatch: version }),
    );
    if (done) this.editing.set(null);
  }
  protected async withdraw({ threadId, commentId, version }: Row): Promise<void> {
    await this.performOn(commentId, () =>
      this.api.execute(withdrawComment, { threadId, commentId }, { ifMatch: version }),
    );
  }
  protected async toggleHistory({ threadId, commentId }: Row): Promise<void> {
    if (this.history()?.id === commentId) return this.history.set(null);
    await this.performOn(commentId, async () => {
      const { items } = await this.api.ask(listCommentVersions, { threadId, commentId });
      const texts = items.map(({ text, writtenAt }) => ({
        text: partsOf(text ?? 'Not shown')
          .map((part) => (part.person === undefined ? part.text : `@${this.people.name(part.person)}`))
          .join(''),
        at: this.values.instant(writtenAt, false),
      }));
      this.history.set({ id: commentId, texts });
    });
  }
  protected async toggleFollow(): Promise<void> {
    const operation = this.following.value()?.following === true ? unfollowRecord : followRecord;
    if (await this.perform(this.problem, () => this.api.execute(operation, this.of()))) this.following.reload();
  }

  private performOn(id: string, work: () => Promise<unknown>): Promise<boolean> {
    const failed = { set: (problem: Problem | null) => this.failed.set(problem && { id, problem }) };
    return this.perform(failed, work);
  }
  private async perform(problem: { set(value: Problem | null): void }, work: () => Promise<unknown>): Promise<boolean> {
    problem.set(null);
    this.busy.set(true);
    try {
      await work();
      return true;
    } catch (error) {
      problem.set(asProblem(error));
      return false;
    } finally {
      this.busy.set(false);
      this.read.reload();
    }
  }
}
