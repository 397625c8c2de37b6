import { ChangeDetectionStrategy, Component, inject, signal } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { finishSso } from '@daybook/identity';
import { Api } from '../../core/api';
import { asProblem, type Problem } from '../../core/problem';
import { Session } from '../../core/session';
import { Toasts } from '../../core/toasts';
import { Said } from '../../parts/said';
import { comeBack, secondFactorOf, type SecondFactorAsked } from './arrival';
import { SecondFactor } from './second-factor';
import { SignFrame } from './sign-frame';

/** The redirect address of SSO providers: sends the answer to the server, and removes it from the address bar at once. */
@Component({
  selector: 'db-sso-page',
  imports: [RouterLink, Said, SecondFactor, SignFrame],
  template: `<db-sign-frame>
    @if (second(); as factor) {
      <db-second-factor
        [ticket]="factor.ticket"
        [methods]="factor.methods"
        (done)="arrive()"
        (left)="second.set(null)"
      />
    } @else {
      <form (submit)="$event.preventDefault()">
        @if (problem(); as failed) {
          @if (back.deed === 'link') {
            <h1>Not linked</h1>
            <p class="muted">Your account is unchanged.</p>
          } @else {
            <h1>Not signed in</h1>
            <p class="muted">Nothing was changed.</p>
          }
          <db-said [problem]="failed" />
          @if (back.deed === 'link') {
            <a class="btn btn-main big" [routerLink]="back.to">Back to your account</a>
          } @else {
            <a class="btn btn-main big" routerLink="/sign-in" [queryParams]="going">Back to sign in</a>
          }
        } @else {
          <h1>{{ back.deed === 'link' ? 'Linking' : 'Signing in' }}</h1>
          <p class="muted">The provider's answer is being checked.</p>
        }
      </form>
    }
  </db-sign-frame>`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SsoPage {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  private readonly toasts = inject(Toasts);
  protected readonly back = comeBack();
  /** The sign-in page goes on to where the person wanted. */
  protected readonly going = this.back.to === '/' ? {} : { to: this.back.to };
  protected readonly problem = signal<Problem | null>(null);
  protected readonly second = signal<SecondFactorAsked | null>(null);

  constructor() {
    void this.finish(location.search.slice(1));
    history.replaceState(history.state, '', location.pathname);
  }
  private async finish(query: string): Promise<void> {
    try {
      const { session, linked } = await this.api.execute(finishSso, { query: query || 'none' });
      if (session !== null) this.session.adopt(session);
      else await this.session.refresh();
      if (linked) this.toasts.show('The SSO account is linked');
      this.arrive();
    } catch (error) {
      const problem = asProblem(error);
      this.second.set(secondFactorOf(problem));
      if (this.second() === null) this.problem.set(problem);
    }
  }
  protected arrive(): void {
    void this.router.navigateByUrl(this.back.to);
  }
}
