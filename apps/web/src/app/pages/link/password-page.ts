import { ChangeDetectionStrategy, Component, inject, signal, viewChild } from '@angular/core';
import { RouterLink } from '@angular/router';
import { askPasswordReset } from '@daybook/identity';
import { Api } from '../../core/api';
import { asProblem, type Problem } from '../../core/problem';
import { Said } from '../../parts/said';
import { TextField } from '../../parts/text-field';
import { SignFrame } from '../sign-in/sign-frame';

/** Asks for a link by mail. What it says is the same whether or not anybody has the address. */
@Component({
  selector: 'db-password-page',
  imports: [RouterLink, Said, SignFrame, TextField],
  template: `<db-sign-frame>
    <form novalidate (submit)="$event.preventDefault(); send()" [attr.aria-busy]="busy()">
      @if (sent()) {
        <h1 tabindex="-1">Look into your mail</h1>
        <p class="muted">If {{ email() }} has an account, a link is on its way to it. It works once, within an hour.</p>
        <a class="btn btn-main big" routerLink="/sign-in">Back to sign in</a>
      } @else {
        <h1>Forgotten password</h1>
        <p class="muted">A link to set a new one comes by mail.</p>
        <db-text-field
          #box
          field="mail"
          label="E-mail"
          type="email"
          autocomplete="username"
          [(value)]="email"
          [problem]="missing() ? 'Write your e-mail address.' : null"
        />
        <db-said [problem]="problem()" />
        <button class="btn btn-main big" type="submit" [class.busy]="busy()">Send the link</button>
        <a class="btn btn-text" routerLink="/sign-in">Back to sign in</a>
      }
    </form>
  </db-sign-frame>`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class PasswordPage {
  private readonly api = inject(Api);
  protected readonly email = signal('');
  protected readonly missing = signal(false);
  protected readonly busy = signal(false);
  protected readonly sent = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  private readonly box = viewChild<TextField>('box');

  protected async send(): Promise<void> {
    if (this.sent() || this.busy()) return;
    this.missing.set(this.email().trim() === '');
    if (this.missing()) return this.box()?.focus();
    this.busy.set(true);
    this.problem.set(null);
    try {
      await this.api.execute(askPasswordReset, { email: this.email().trim() });
      this.sent.set(true);
    } catch (error) {
      this.problem.set(asProblem(error));
    } finally {
      this.busy.set(false);
    }
  }
}
