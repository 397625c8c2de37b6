import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from '@angular/core';
import { Router } from '@angular/router';
import { listOwnMfaMethods } from '@daybook/identity';
import { Api } from '../../core/api';
import { asked } from '../../core/asked';
import { asProblem, type Problem } from '../../core/problem';
import { type Proof, Session } from '../../core/session';
import { Icon } from '../../parts/icon';
import { Modal } from '../../parts/modal';

/** "Confirm that it is you": with what the person has, password first. */
@Component({
  selector: 'db-confirm-dialog',
  imports: [Icon, Modal],
  templateUrl: './confirm-dialog.html',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ConfirmDialog {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  readonly close = input.required<(confirmed: boolean) => void>();
  private readonly factors = asked(
    () => ({}),
    (_, signal) => this.api.ask(listOwnMfaMethods, {}, { signal, known: null }),
  );
  protected readonly person = computed(() => this.session.current()?.person);
  protected readonly hasPasskey = computed(() => (this.factors.value()?.passkeys.length ?? 0) > 0);
  /** A person without a password (they sign in through SSO) confirms with their authenticator app. */
  protected readonly byCode = computed(
    () => this.factors.value()?.password === null && this.factors.value()?.totp != null,
  );
  /** The person signs in through SSO and has set up nothing here: signing in again is their fresh proof. */
  protected readonly hasNothing = computed(() => {
    const factors = this.factors.value();
    return factors !== undefined && factors.password === null && factors.totp === null && !this.hasPasskey();
  });
  protected readonly typed = signal('');
  protected readonly busy = signal(false);
  protected readonly problem = signal<Problem | null>(null);

  protected send(): Promise<void> {
    if (this.typed().trim() === '') return Promise.resolve();
    return this.prove(async () => (this.byCode() ? { code: this.typed() } : { password: this.typed() }));
  }
  protected usePasskey(): Promise<void> {
    return this.prove(() => this.session.passkeyProof());
  }
  protected signInAgain(): Promise<void> {
    this.close()(false);
    return this.session.close(this.router.url);
  }
  private async prove(proof: () => Promise<Proof>): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    this.problem.set(null);
    try {
      await this.session.confirm(await proof());
      this.close()(true);
    } catch (error) {
      this.problem.set(asProblem(error));
    } finally {
      this.busy.set(false);
    }
  }
}
