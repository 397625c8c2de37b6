import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal, viewChild } from '@angular/core';
import {
  type commentRow,
  editComment,
  followRecord,
  listComments,
  listCommentVersions,
  partsOf,
  readFollowing,
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
  readonly type = input.required<string>();
  readonly id = input.required<string>();
  readonly companyId = input<string | null>(null);

  private readonly field = viewChild<CommentField>('field');
  private readonly record = computed(() => ({
    recordType: this.type(),
    recordId: this.id(),
    companyId: this.companyId(),
  }));
  /** A query has no null. */
  private readonly which = computed(() => {
    const { companyId, ...record } = this.record();
    return companyId === null ? record : { ...record, companyId };
  });
  protected readonly allowed = computed(() => this.rights.may(listComments));
  protected readonly read = asked(
    () => (this.allowed() ? { ...this.which(), known: this.asOf.known() } : null),
    ({ known, ...input }, signal) => this.api.ask(listComments, { ...input, limit: pageSize }, { signal, known }),
  );
  protected readonly following = asked(
    () => (this.allowed() ? { ...this.which(), known: this.asOf.known() } : null),
    ({ known, ...input }, signal) => this.api.ask(readFollowing, input, { signal, known }),
  );
  /** Pages behind the first one. */
  private readonly earlier = signal<{
    readonly of: string;
    readonly rows: readonly Row[];
    readonly next: string | null;
  }>({
    of: '',
    rows: [],
    next: null,
  });
  private readonly behind = computed(() => (this.earlier().of === this.id() ? this.earlier() : null));
  protected readonly next = computed(
    () => this.behind()?.next ?? (this.behind() ? null : (this.read.value()?.next ?? null)),
  );
  protected readonly comments = computed(() => {
    const first = this.read.value()?.items ?? [];
    const known = new Set(first.map(({ commentId }) => commentId));
    return [...first, ...(this.behind()?.rows ?? []).filter(({ commentId }) => !known.has(commentId))].map((row) => {
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
        mine: row.author === this.session.current()?.person.id && row.status !== 'withdrawn' && !this.past(),
        changed: row.version > 1,
      };
    });
  });
  protected readonly past = this.asOf.past;
  protected readonly writes = computed(() => !this.past() && this.rights.may(writeComment));
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
    live.on('comments', () => this.read.reload());
    live.on('followers', () => this.following.reload());
    effect(() => {
      this.id();
      this.editing.set(null);
      this.history.set(null);
      this.problem.set(null);
    });
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
    const sent = await this.perform(this.problem, () => this.api.execute(writeComment, { ...this.record(), text }));
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
  protected async more(): Promise<void> {
    const cursor = this.next();
    if (cursor === null) return;
    await this.perform(this.problem, async () => {
      const page = await this.api.ask(listComments, { ...this.which(), limit: pageSize, cursor });
      this.earlier.set({ of: this.id(), rows: [...(this.behind()?.rows ?? []), ...page.items], next: page.next });
    });
  }
  protected async toggleFollow(): Promise<void> {
    const operation = this.following.value()?.following === true ? unfollowRecord : followRecord;
    if (await this.perform(this.problem, () => this.api.execute(operation, this.record()))) this.following.reload();
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
      this.read.reload();
      return true;
    } catch (error) {
      problem.set(asProblem(error));
      return false;
    } finally {
      this.busy.set(false);
    }
  }
}
