import { ChangeDetectionStrategy, Component, type ElementRef, inject, input, signal, viewChild } from '@angular/core';
import { Router } from '@angular/router';
import { asProblem, type Problem } from '../../core/problem';
import { Session } from '../../core/session';
import { Icon } from '../../parts/icon';
import { SignInArt } from './sign-in-art';

@Component({
  selector: 'db-sign-in-page',
  imports: [Icon, SignInArt],
  templateUrl: './sign-in-page.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SignInPage {
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  /** Where the person was going. */
  readonly to = input<string>();
  protected readonly email = signal('');
  protected readonly password = signal('');
  protected readonly shown = signal(false);
  protected readonly busy = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  protected readonly missing = signal<'email' | 'password' | null>(null);
  private readonly emailBox = viewChild.required<ElementRef<HTMLInputElement>>('emailBox');
  private readonly passwordBox = viewChild.required<ElementRef<HTMLInputElement>>('passwordBox');

  protected async open(): Promise<void> {
    this.problem.set(null);
    this.missing.set(this.email().trim() === '' ? 'email' : this.password() === '' ? 'password' : null);
    if (this.missing() !== null) {
      (this.missing() === 'email' ? this.emailBox() : this.passwordBox()).nativeElement.focus();
      return;
    }
    if (this.busy()) return;
    this.busy.set(true);
    try {
      await this.session.open(this.email().trim(), this.password());
      const to = this.to();
      // Only an address of our own: `//elsewhere` is none.
      await this.router.navigateByUrl(to !== undefined && /^\/(?!\/)/.test(to) ? to : '/');
    } catch (error) {
      this.problem.set(asProblem(error));
      this.passwordBox().nativeElement.select();
    } finally {
      this.busy.set(false);
    }
  }
}
