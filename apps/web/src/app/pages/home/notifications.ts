import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { listNotifications } from '@daybook/collaboration';
import { initials } from '@daybook/kernel';
import { Api } from '../../core/api';
import { asked } from '../../core/asked';
import { Live } from '../../core/live';
import { People } from '../../core/people';
import { Rights } from '../../core/rights';
import { Values } from '../../core/values';
import { ProblemState } from '../../parts/problem-state';

/** Notifications of oneself: mentions, and what others did with records that one follows. */
@Component({
  selector: 'db-notifications',
  imports: [RouterLink, ProblemState],
  template: `@if (allowed()) {
    <section aria-labelledby="notifications">
      <div class="sec"><h2 id="notifications">For you</h2></div>
      @if (read.problem(); as problem) {
        <db-problem-state what="What is for you" [problem]="problem" (again)="read.reload()" />
      } @else if (read.value()) {
        <ul class="feed">
          @for (one of notifications(); track one.notificationId) {
            <li>
              <span class="face" aria-hidden="true">{{ one.face }}</span>
              <span
                ><b>{{ one.name }}</b> {{ one.says }}
                @if (one.address; as address) {
                  <a class="link" [routerLink]="'/' + address">{{ one.record }}</a>
                } @else {
                  {{ one.record }}
                }
              </span>
              <time class="quiet small" [attr.datetime]="one.at">{{ one.when }}</time>
            </li>
          } @empty {
            <li class="hint whole">
              Nothing yet. You are notified here when somebody mentions you, or changes what you follow.
            </li>
          }
        </ul>
      } @else {
        <ul class="feed" aria-hidden="true">
          @for (place of [1, 2, 3]; track place) {
            <li><span class="face"></span><span class="sk w-90"></span></li>
          }
        </ul>
      }
    </section>
  }`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Notifications {
  private readonly api = inject(Api);
  private readonly people = inject(People);
  private readonly values = inject(Values);
  private readonly rights = inject(Rights);
  protected readonly allowed = computed(() => this.rights.may(listNotifications));
  protected readonly read = asked(
    () => (this.allowed() ? {} : null),
    (_, signal) => this.api.ask(listNotifications, {}, { signal, known: null }),
  );
  protected readonly notifications = computed(() =>
    (this.read.value()?.items ?? []).map((one) => {
      const name = this.people.name(one.by.id);
      const says = {
        mention: 'mentioned you in a comment on',
        comment: 'commented on',
        change: `· ${one.what} ·`,
      }[one.kind];
      const record = `${one.one} ${one.title ?? ''}`.trim();
      return { ...one, name, face: initials(name), says, record, when: this.values.instant(one.at, false) };
    }),
  );

  constructor() {
    inject(Live).on('notifications', () => this.read.reload());
  }
}
