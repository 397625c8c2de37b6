import { ChangeDetectionStrategy, Component, inject, viewChild } from '@angular/core';
import { RouterLink } from '@angular/router';
import { finishPasswordReset } from '@daybook/identity';
import { Api } from '../../core/api';
import { Said } from '../../parts/said';
import { TextField } from '../../parts/text-field';
import { takeToken } from '../sign-in/arrival';
import { SignFrame } from '../sign-in/sign-frame';
import { oneField } from './one-field';

export const passwordHint =
  'At least 8 characters. A few words you can remember are better than one with symbols in it.';

/** The page of a mailed link: sets a new password, once. */
@Component({
  selector: 'db-new-password-page',
  imports: [RouterLink, Said, SignFrame, TextField],
  template: `<db-sign-frame>
    <form novalidate (submit)="$event.preventDefault(); form.submit()" [attr.aria-busy]="form.busy()">
      @if (form.done()) {
        <h1 tabindex="-1">The password is new</h1>
        <p class="muted">You were signed out everywhere. Sign in with it now.</p>
        <a class="btn btn-main big" routerLink="/sign-in">Sign in</a>
      } @else {
        <h1>New password</h1>
        <p class="muted">Every session that is open ends with it.</p>
        <db-text-field
          #box
          field="pass"
          label="New password"
          type="password"
          autocomplete="new-password"
          [hint]="hint"
          [(value)]="form.value"
          [problem]="form.missing() ? 'Enter a new password.' : null"
        />
        <db-said [problem]="form.problem()" />
        <button class="btn btn-main big" type="submit" [class.busy]="form.busy()">Set the password</button>
        @if (form.problem()) {
          <a class="btn btn-text" href="/password">Ask for another link</a>
        }
      }
    </form>
  </db-sign-frame>`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class NewPasswordPage {
  private readonly api = inject(Api);
  private readonly token = takeToken() || 'missing';
  protected readonly hint = passwordHint;
  private readonly box = viewChild<TextField>('box');
  protected readonly form = oneField(this.box, (password) =>
    this.api.execute(finishPasswordReset, { token: this.token, password }),
  );
}
