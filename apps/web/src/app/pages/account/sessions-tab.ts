import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { endOtherSessions, endOwnSession, listOwnSessions, type OwnSession } from '@daybook/identity';
import { Api } from '../../core/api';
import { asked } from '../../core/asked';
import { Values, words } from '../../core/values';
import { ProblemState } from '../../parts/problem-state';
import { Said } from '../../parts/said';
import { Skeleton } from '../../parts/skeleton';
import { deed } from './deed';

const methods: Readonly<Record<string, string>> = {
  password: 'password',
  totp: 'app',
  'recovery-code': 'recovery code',
  passkey: 'passkey',
  sso: 'SSO',
};

/** Where the person is signed in, and the way to end it there. */
@Component({
  selector: 'db-sessions-tab',
  imports: [ProblemState, Said, Skeleton],
  template: `@if (sessions.problem(); as problem) {
      <db-problem-state what="Your sessions" [problem]="problem" (again)="sessions.reload()" />
    } @else if (sessions.value(); as list) {
      <section class="setting broad">
        <div class="setting-head">
          <p class="muted">A session ends after 7 days without use, and after 30 days in any case.</p>
          @if (others() > 0) {
            <button class="btn btn-line" type="button" [class.busy]="deed.busy() === 'others'" (click)="endOthers()">
              End all others
            </button>
          }
        </div>
        <db-said [problem]="deed.problem()?.problem ?? null" />
        <table class="table tight">
          <caption class="sr">
            Your sessions, the last used first
          </caption>
          <thead>
            <tr>
              <th scope="col">Device</th>
              <th scope="col" class="wide">Address</th>
              <th scope="col" class="wide">Signed in</th>
              <th scope="col" class="wide">By</th>
              <th scope="col">Last used</th>
              <th scope="col" class="n"><span class="sr">Actions</span></th>
            </tr>
          </thead>
          <tbody>
            @for (one of list.items; track one.sessionId) {
              <tr>
                <th scope="row" class="name">{{ one.device }}</th>
                <td class="dim wide">{{ one.address ?? '' }}</td>
                <td class="dim wide nowrap">{{ values.instant(one.openedAt, false) }}</td>
                <td class="dim wide">{{ by(one) }}</td>
                <td class="dim nowrap">{{ one.current ? 'This one' : values.instant(one.lastSeenAt, false) }}</td>
                <td class="n">
                  @if (!one.current) {
                    <button
                      class="btn btn-text btn-small"
                      type="button"
                      [attr.aria-label]="'End the session on ' + one.device"
                      [class.busy]="deed.busy() === one.sessionId"
                      (click)="end(one)"
                    >
                      End
                    </button>
                  }
                </td>
              </tr>
            }
          </tbody>
        </table>
      </section>
    } @else if (sessions.slow()) {
      <db-skeleton [rows]="4" />
    }`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SessionsTab {
  private readonly api = inject(Api);
  protected readonly values = inject(Values);
  protected readonly deed = deed();
  protected readonly sessions = asked(
    () => ({}),
    (_, signal) => this.api.ask(listOwnSessions, {}, { signal, known: null }),
  );
  protected readonly others = computed(
    () => this.sessions.value()?.items.filter(({ current }) => !current).length ?? 0,
  );
  protected by(one: OwnSession): string {
    return words(one.methods.map((method) => methods[method] ?? method).join(', '));
  }
  protected async end(one: OwnSession): Promise<void> {
    const { sessionId } = one;
    await this.deed.run(sessionId, () => this.api.execute(endOwnSession, { sessionId }), `Ended: ${one.device}`);
    this.sessions.reload();
  }
  protected async endOthers(): Promise<void> {
    await this.deed.run('others', () => this.api.execute(endOtherSessions, {}), 'All other sessions ended');
    this.sessions.reload();
  }
}
