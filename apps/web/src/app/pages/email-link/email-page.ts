import { ChangeDetectionStrategy, Component, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { confirmEmail } from '@daybook/identity';
import { Api } from '../../core/api';
import { asked } from '../../core/asked';
import { Said } from '../../parts/said';
import { takeToken } from '../sign-in/arrival';
import { SignFrame } from '../sign-in/sign-frame';

/** The page of the link that a new e-mail address gets: opening it makes the change. */
@Component({
  selector: 'db-email-page',
  imports: [RouterLink, Said, SignFrame],
  template: `<db-sign-frame>
    <form (submit)="$event.preventDefault()">
      @if (confirmed.value()) {
        <h1>The address is changed</h1>
        <p class="muted">From now on you sign in with it.</p>
      } @else if (confirmed.problem(); as problem) {
        <h1>This link does not work</h1>
        <p class="muted">Your e-mail address is as it was. Ask for the change again on your account page.</p>
        <db-said [problem]="problem" />
      } @else {
        <h1>Confirming the address</h1>
      }
      @if (!confirmed.pending()) {
        <a class="btn btn-main big" routerLink="/">Go on</a>
      }
    </form>
  </db-sign-frame>`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class EmailPage {
  private readonly api = inject(Api);
  private readonly token = takeToken();
  protected readonly confirmed = asked(
    () => ({}),
    () => this.api.execute(confirmEmail, { token: this.token || 'missing' }),
  );
}
