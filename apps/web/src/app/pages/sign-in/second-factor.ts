import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  inject,
  input,
  output,
  signal,
  viewChild,
} from '@angular/core';
import { asProblem, type Problem } from '../../core/problem';
import { type Proof, Session } from '../../core/session';
import { Icon } from '../../parts/icon';
import { Said } from '../../parts/said';
import { TextField } from '../../parts/text-field';

/** The second step: a code of the app, a passkey, or a recovery code when both are lost. */
@Component({
  selector: 'db-second-factor',
  imports: [Icon, Said, TextField],
  template: `<form novalidate (submit)="$event.preventDefault(); send()" [attr.aria-busy]="busy()">
    <h1>{{ byRecovery() ? 'Recovery code' : 'Second factor' }}</h1>
    <p class="muted">
      {{
        byRecovery() ? 'Each code works once.' : hasApp() ? 'The six digits your app shows now.' : 'Use your passkey.'
      }}
    </p>
    @if (byRecovery() || hasApp()) {
      <db-text-field
        #box
        field="code"
        [label]="byRecovery() ? 'Recovery code' : 'Code'"
        [autocomplete]="byRecovery() ? 'off' : 'one-time-code'"
        [inputmode]="byRecovery() ? null : 'numeric'"
        [most]="40"
        [(value)]="code"
      />
    }
    <db-said [problem]="problem()" />
    @if (byRecovery() || hasApp()) {
      <button class="btn btn-main big" type="submit" [class.busy]="busy()">Go on</button>
    }
    @if (methods().includes('passkey')) {
      <button
        class="btn big"
        [class]="hasApp() || byRecovery() ? 'btn-line' : 'btn-main'"
        type="button"
        (click)="usePasskey()"
      >
        <svg icon="key-round"></svg>Use a passkey
      </button>
    }
    <div class="sign-more">
      <button class="btn btn-text btn-small" type="button" (click)="left.emit()">
        <svg icon="arrow-left"></svg>Back
      </button>
      @if (methods().includes('recovery-code')) {
        <button class="btn btn-text btn-small" type="button" (click)="turn()">
          {{ byRecovery() ? 'Use another way' : 'Use a recovery code' }}
        </button>
      }
    </div>
  </form>`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SecondFactor {
  private readonly session = inject(Session);
  readonly ticket = input.required<string>();
  readonly methods = input.required<readonly string[]>();
  readonly done = output();
  readonly left = output();
  protected readonly code = signal('');
  protected readonly byRecovery = signal(false);
  protected readonly hasApp = computed(() => this.methods().includes('totp'));
  protected readonly busy = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  private readonly box = viewChild<TextField>('box');

  constructor() {
    afterNextRender(() => this.box()?.focus());
  }
  protected turn(): void {
    this.byRecovery.update((on) => !on);
    this.code.set('');
    this.problem.set(null);
    setTimeout(() => this.box()?.focus());
  }
  protected send(): Promise<void> {
    const code = this.code().trim();
    if (code === '') return Promise.resolve(this.box()?.focus());
    return this.prove(async () => (this.byRecovery() ? { recoveryCode: code } : { code }));
  }
  protected usePasskey(): Promise<void> {
    return this.prove(() => this.session.passkeyProof());
  }
  private async prove(proof: () => Promise<Proof>): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    this.problem.set(null);
    try {
      await this.session.complete(this.ticket(), await proof());
      this.done.emit();
    } catch (error) {
      this.problem.set(asProblem(error));
      this.box()?.focus();
    } finally {
      this.busy.set(false);
    }
  }
}
