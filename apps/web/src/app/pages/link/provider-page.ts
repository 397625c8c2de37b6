import { ChangeDetectionStrategy, Component, inject, signal } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { finishProviderSignIn } from '@daybook/identity';
import { Api } from '../../core/api';
import { asProblem, type Problem } from '../../core/problem';
import { Session } from '../../core/session';
import { Said } from '../../parts/said';
import { comeBack, secondFactorOf, type SecondFactorAsked } from '../sign-in/arrival';
import { SecondFactor } from '../sign-in/second-factor';
import { SignFrame } from '../sign-in/sign-frame';

/** Where a provider sends the browser back to: its answer goes to the server once, and out of the address at once. */
@Component({
  selector: 'db-provider-page',
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
          <h1>Not signed in</h1>
          <p class="muted">Nothing was changed.</p>
          <db-said [problem]="failed" />
          <a class="btn btn-main big" routerLink="/sign-in">Back to sign in</a>
        } @else {
          <h1>Signing in</h1>
          <p class="muted">The provider's answer is being checked.</p>
        }
      </form>
    }
  </db-sign-frame>`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ProviderPage {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  protected readonly problem = signal<Problem | null>(null);
  protected readonly second = signal<SecondFactorAsked | null>(null);

  constructor() {
    void this.finish(location.search.slice(1));
    history.replaceState(history.state, '', location.pathname);
  }
  private async finish(query: string): Promise<void> {
    try {
      const { session } = await this.api.execute(finishProviderSignIn, { query: query || 'none' });
      if (session !== null) this.session.adopt(session);
      else await this.session.refresh();
      this.arrive();
    } catch (error) {
      const problem = asProblem(error);
      this.second.set(secondFactorOf(problem));
      if (this.second() === null) this.problem.set(problem);
    }
  }
  protected arrive(): void {
    void this.router.navigateByUrl(comeBack());
  }
}
