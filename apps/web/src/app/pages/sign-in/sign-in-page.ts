import { ChangeDetectionStrategy, Component, inject, input, signal, viewChild } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { sessionMethods, startProviderSignIn } from '@daybook/identity';
import { Api } from '../../core/api';
import { asked } from '../../core/asked';
import { asProblem, type Problem } from '../../core/problem';
import { Session } from '../../core/session';
import { Icon } from '../../parts/icon';
import { Said } from '../../parts/said';
import { TextField } from '../../parts/text-field';
import { leaveTo, secondFactorOf, type SecondFactorAsked, whereTo } from './arrival';
import { SecondFactor } from './second-factor';
import { SignFrame } from './sign-frame';

/** Password, passkey or provider; then the second factor where the person has one. */
@Component({
  selector: 'db-sign-in-page',
  imports: [Icon, RouterLink, Said, SecondFactor, SignFrame, TextField],
  templateUrl: './sign-in-page.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SignInPage {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  /** Where the person was going. */
  readonly to = input<string>();
  protected readonly email = signal('');
  protected readonly password = signal('');
  protected readonly busy = signal<string | null>(null);
  protected readonly problem = signal<Problem | null>(null);
  protected readonly missing = signal<'email' | 'password' | null>(null);
  protected readonly second = signal<SecondFactorAsked | null>(null);
  protected readonly methods = asked(
    () => ({}),
    (_, signal) => this.api.ask(sessionMethods, {}, { signal, known: null }),
  ).value;
  private readonly emailBox = viewChild<TextField>('emailBox');
  private readonly passwordBox = viewChild<TextField>('passwordBox');

  protected async open(): Promise<void> {
    this.missing.set(this.email().trim() === '' ? 'email' : this.password() === '' ? 'password' : null);
    if (this.missing() !== null) {
      (this.missing() === 'email' ? this.emailBox() : this.passwordBox())?.focus();
      return;
    }
    await this.run('password', async () => {
      await this.session.open(this.email().trim(), this.password());
      await this.arrive();
    });
  }
  protected usePasskey(): Promise<void> {
    return this.run('passkey', async () => {
      await this.session.openWithPasskey();
      await this.arrive();
    });
  }
  protected useProvider(providerId: string): Promise<void> {
    return this.run(providerId, async () => {
      const { url } = await this.api.execute(startProviderSignIn, { providerId });
      leaveTo(url, this.to());
    });
  }
  protected async arrive(): Promise<void> {
    await this.router.navigateByUrl(whereTo(this.to()));
  }

  private async run(what: string, work: () => Promise<void>): Promise<void> {
    if (this.busy() !== null) return;
    this.busy.set(what);
    this.problem.set(null);
    try {
      await work();
    } catch (error) {
      const problem = asProblem(error);
      const asked = secondFactorOf(problem);
      this.second.set(asked);
      if (asked !== null) this.password.set('');
      else {
        this.problem.set(problem);
        if (what === 'password') this.passwordBox()?.focus();
      }
    } finally {
      this.busy.set(null);
    }
  }
}
