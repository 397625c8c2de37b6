import {
  ChangeDetectionStrategy,
  Component,
  computed,
  type ElementRef,
  inject,
  signal,
  viewChild,
} from '@angular/core';
import { RouterLink } from '@angular/router';
import { listNotifications, type NotificationKind, readInbox, readNotification } from '@daybook/collaboration';
import { initials, type OutputOf } from '@daybook/kernel';
import { Announcer } from '../../core/announcer';
import { Api } from '../../core/api';
import { asked } from '../../core/asked';
import { Live } from '../../core/live';
import { People } from '../../core/people';
import { asProblem, type Problem } from '../../core/problem';
import { Rights } from '../../core/rights';
import { Values } from '../../core/values';
import { ProblemState } from '../../parts/problem-state';
import { Said } from '../../parts/said';

type Page = OutputOf<typeof listNotifications>;

/** Notifications of oneself: mentions, and what others did with records that one follows. To open one is to have read it. */
@Component({
  selector: 'db-notifications',
  imports: [RouterLink, ProblemState, Said],
  templateUrl: './notifications.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Notifications {
  private readonly api = inject(Api);
  private readonly people = inject(People);
  private readonly values = inject(Values);
  private readonly rights = inject(Rights);
  private readonly announcer = inject(Announcer);
  private readonly heading = viewChild<ElementRef<HTMLElement>>('heading');
  protected readonly allowed = computed(() => this.rights.may(listNotifications));
  protected readonly busy = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  protected readonly read = asked(
    () => (this.allowed() ? {} : null),
    (_, signal) => this.api.ask(listNotifications, {}, { signal, known: null }),
  );
  /** Pages behind the first one, as long as that is the same. */
  private readonly behind = signal<{ readonly first: Page; readonly pages: readonly Page[] } | null>(null);
  private readonly pages = computed(() => {
    const first = this.read.value();
    const behind = this.behind();
    return first === undefined ? [] : [first, ...(behind?.first === first ? behind.pages : [])];
  });
  protected readonly next = computed(() => this.pages().at(-1)?.next ?? null);
  protected readonly notifications = computed(() =>
    this.pages()
      .flatMap(({ items }) => items)
      .map((one) => {
        const name = this.people.name(one.by.id);
        const says = one.kind === 'change' ? `· ${one.what} ·` : did[one.kind];
        const record = `${one.one} ${one.title ?? ''}`.trim();
        return { ...one, name, face: initials(name), says, record, when: this.values.instant(one.at, false) };
      }),
  );
  protected readonly hasUnread = computed(() => this.notifications().some(({ isRead }) => !isRead));

  constructor() {
    inject(Live).on('notifications', () => this.read.reload());
  }

  protected async mark({ notificationId, isRead }: { notificationId: string; isRead: boolean }): Promise<void> {
    if (!isRead) await this.perform(() => this.api.execute(readNotification, { notificationId }));
  }
  /** The button goes away with its row's mark: the focus goes on to the record. */
  protected markHere(one: { notificationId: string; isRead: boolean }, row: HTMLElement): Promise<void> {
    (row.querySelector('a') ?? this.heading()?.nativeElement)?.focus();
    return this.mark(one);
  }
  protected async markAll(): Promise<void> {
    this.heading()?.nativeElement.focus();
    if (await this.perform(() => this.api.execute(readInbox, {}))) this.announcer.say('All are marked as read');
  }
  protected async more(): Promise<void> {
    const [first, cursor] = [this.pages()[0], this.next()];
    if (first === undefined || cursor === null) return;
    await this.perform(async () => {
      const page = await this.api.ask(listNotifications, { cursor });
      this.behind.set({ first, pages: [...this.pages().slice(1), page] });
    }, false);
  }
  private async perform(work: () => Promise<unknown>, changes = true): Promise<boolean> {
    this.problem.set(null);
    this.busy.set(true);
    try {
      await work();
      if (changes) this.read.reload();
      return true;
    } catch (error) {
      this.problem.set(asProblem(error));
      return false;
    } finally {
      this.busy.set(false);
    }
  }
}

const did: Readonly<Record<Exclude<NotificationKind, 'change'>, string>> = {
  mention: 'mentioned you in a comment on',
  comment: 'commented on',
  tag: 'changed the tags of',
  file: 'changed the files of',
  task: 'changed the tasks of',
};
