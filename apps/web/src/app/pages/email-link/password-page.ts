import { ChangeDetectionStrategy, Component, inject, viewChild } from '@angular/core';
import { RouterLink } from '@angular/router';
import { askPasswordReset } from '@daybook/identity';
import { Api } from '../../core/api';
import { Said } from '../../parts/said';
import { TextField } from '../../parts/text-field';
import { SignFrame } from '../sign-in/sign-frame';
import { oneField } from './one-field';

/** Asks for a link by mail. What it says is the same whether or not anybody has the address. */
@Component({
  selector: 'db-password-page',
  imports: [RouterLink, Said, SignFrame, TextField],
  template: `<db-sign-frame>
    <form novalidate (submit)="$event.preventDefault(); form.submit()" [attr.aria-busy]="form.busy()">
      @if (form.done()) {
        <h1 tabindex="-1">Look into your mail</h1>
        <p class="muted">
          If {{ form.value() }} has an account, a link is on its way to it. It works once, within an hour.
        </p>
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
          [(value)]="form.value"
          [problem]="form.missing() ? 'Enter your e-mail address.' : null"
        />
        <db-said [problem]="form.problem()" />
        <button class="btn btn-main big" type="submit" [class.busy]="form.busy()">Send the link</button>
        <a class="btn btn-text" routerLink="/sign-in">Back to sign in</a>
      }
    </form>
  </db-sign-frame>`,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class PasswordPage {
  private readonly api = inject(Api);
  private readonly box = viewChild<TextField>('box');
  protected readonly form = oneField(this.box, (email) => this.api.execute(askPasswordReset, { email: email.trim() }));
}
