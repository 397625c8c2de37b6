import { ChangeDetectionStrategy, Component, inject, signal, viewChild } from '@angular/core';
import { RouterLink } from '@angular/router';
import { finishPasswordReset } from '@daybook/identity';
import { Api } from '../../core/api';
import { asProblem, type Problem } from '../../core/problem';
import { Said } from '../../parts/said';
import { TextField } from '../../parts/text-field';
import { takeToken } from '../sign-in/arrival';
import { SignFrame } from '../sign-in/sign-frame';

export const passwordHint = 'At least 8 characters. A few words you remember are better than one with signs in it.';

/** The page of a mailed link: sets a new password, once. */
@Component({
  selector: 'db-new-password-page',
  imports: [RouterLink, Said, SignFrame, TextField],
  template: `<db-sign-frame>
    <form novalidate (submit)="$event.preventDefault(); save()" [attr.aria-busy]="busy()">
      @if (done()) {
        <h1>The password is new</h1>
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
          [(value)]="password"
          [problem]="missing() ? 'Write a new password.' : null"
        />
        <db-said [problem]="problem()" />
        <button class="btn btn-main big" type="submit" [class.busy]="busy()">Set the password</button>
        @if (problem()) {
          <a class="btn btn-text" href="/password">Ask for another link</a>
        }
      }
    </form>
  </db-sign-frame>`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class NewPasswordPage {
  private readonly api = inject(Api);
  private readonly token = takeToken();
  protected readonly hint = passwordHint;
  protected readonly password = signal('');
  protected readonly missing = signal(false);
  protected readonly busy = signal(false);
  protected readonly done = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  private readonly box = viewChild<TextField>('box');

  protected async save(): Promise<void> {
    if (this.busy() || this.done()) return;
    this.missing.set(this.password() === '');
    if (this.missing()) return this.box()?.focus();
    this.busy.set(true);
    this.problem.set(null);
    try {
      await this.api.execute(finishPasswordReset, { token: this.token || 'missing', password: this.password() });
      this.done.set(true);
    } catch (error) {
      this.problem.set(asProblem(error));
    } finally {
      this.busy.set(false);
    }
  }
}
