import { ChangeDetectionStrategy, Component, inject, signal, viewChild } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { acceptInvitation, previewInvitation } from '@daybook/identity';
import { Api } from '../../core/api';
import { asked } from '../../core/asked';
import { asProblem, type Problem } from '../../core/problem';
import { Session } from '../../core/session';
import { Said } from '../../parts/said';
import { TextField } from '../../parts/text-field';
import { secondFactorOf, type SecondFactorAsked, takeToken } from '../sign-in/arrival';
import { SecondFactor } from '../sign-in/second-factor';
import { SignFrame } from '../sign-in/sign-frame';
import { passwordHint } from './new-password-page';

/** The page of a mailed invitation: a new person enters a name and a password, a known one proves who they are. */
@Component({
  selector: 'db-invitation-page',
  imports: [RouterLink, Said, SecondFactor, SignFrame, TextField],
  templateUrl: './invitation-page.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class InvitationPage {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  private readonly token = takeToken();
  protected readonly passwordHint = passwordHint;
  protected readonly look = asked(
    () => (this.token === '' ? null : {}),
    () => this.api.execute(previewInvitation, { token: this.token }),
  );
  protected readonly hasToken = this.token !== '';
  protected readonly name = signal('');
  protected readonly password = signal('');
  protected readonly missing = signal<'name' | 'password' | null>(null);
  protected readonly busy = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  protected readonly second = signal<SecondFactorAsked | null>(null);
  private readonly nameBox = viewChild<TextField>('nameBox');
  private readonly passwordBox = viewChild<TextField>('passwordBox');

  protected async accept(known: boolean): Promise<void> {
    const missing = !known && this.name().trim() === '' ? 'name' : this.password() === '' ? 'password' : null;
    this.missing.set(missing);
    if (missing !== null) return (missing === 'name' ? this.nameBox() : this.passwordBox())?.focus();
    if (this.busy()) return;
    this.busy.set(true);
    this.problem.set(null);
    try {
      const { session } = await this.api.execute(acceptInvitation, {
        token: this.token,
        password: this.password(),
        ...(known ? {} : { name: this.name().trim() }),
      });
      if (session !== null) this.session.adopt(session);
      await this.router.navigateByUrl(session === null ? '/sign-in' : '/');
    } catch (error) {
      const problem = asProblem(error);
      this.second.set(secondFactorOf(problem));
      if (this.second() === null) this.problem.set(problem);
    } finally {
      this.busy.set(false);
    }
  }
  protected arrive(): void {
    void this.router.navigateByUrl('/');
  }
}
