import { ChangeDetectionStrategy, Component, computed, inject, signal } from '@angular/core';
import {
  addPasskey,
  addTotp,
  changeOwnPassword,
  confirmTotp,
  linkSsoAccount,
  listOwnMfaMethods,
  listOwnSsoAccounts,
  generateRecoveryCodes,
  newPasskeyOptions,
  removePasskey,
  removeTotp,
  unlinkSsoAccount,
} from '@daybook/identity';
import { Api } from '../../core/api';
import { asked } from '../../core/asked';
import { isSecure, passkeysNeedHttps } from '../../core/passkeys-here';
import { Session } from '../../core/session';
import { Values } from '../../core/values';
import { Icon } from '../../parts/icon';
import { ProblemState } from '../../parts/problem-state';
import { Said } from '../../parts/said';
import { Skeleton } from '../../parts/skeleton';
import { TextField } from '../../parts/text-field';
import { passwordHint } from '../email-link/new-password-page';
import { leaveTo } from '../sign-in/arrival';
import { deed } from './deed';
import { Qr } from './qr';
import { RecoveryCodes } from './recovery-codes';

/** Password, authenticator app, recovery codes, passkeys, providers: what there is, what to add, what to take away. */
@Component({
  selector: 'db-sign-in-tab',
  imports: [Icon, ProblemState, Qr, RecoveryCodes, Said, Skeleton, TextField],
  templateUrl: './sign-in-tab.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SignInTab {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  protected readonly values = inject(Values);
  protected readonly deed = deed();
  protected readonly hint = passwordHint;
  protected readonly factors = asked(
    () => ({}),
    (_, signal) => this.api.ask(listOwnMfaMethods, {}, { signal, known: null }),
  );
  protected readonly providers = asked(
    () => ({}),
    (_, signal) => this.api.ask(listOwnSsoAccounts, {}, { signal, known: null }),
  );
  protected readonly email = computed(() => this.session.current()?.person.email ?? '');
  protected readonly current = signal('');
  protected readonly next = signal('');
  protected readonly app = signal<{ secret: string; uri: string } | null>(null);
  protected readonly code = signal('');
  protected readonly passkeyName = signal('');
  protected readonly secure = isSecure();
  protected readonly needsHttps = passkeysNeedHttps;
  protected readonly codes = signal<readonly string[]>([]);

  protected async changePassword(): Promise<void> {
    const done = await this.deed.run(
      'password',
      () => this.api.execute(changeOwnPassword, { current: this.current(), next: this.next() }),
      'Password changed. All other sessions ended.',
    );
    if (!done) return;
    this.current.set('');
    this.next.set('');
    this.factors.reload();
  }
  protected beginApp(): Promise<boolean> {
    return this.deed.run('app', async () => this.app.set(await this.api.execute(addTotp, {})));
  }
  protected confirmApp(): Promise<boolean> {
    return this.changed('app', 'Authenticator app added', async () => {
      const { recoveryCodes } = await this.api.execute(confirmTotp, { code: this.code() });
      this.codes.set(recoveryCodes);
      this.app.set(null);
      this.code.set('');
    });
  }
  protected removeApp(): Promise<boolean> {
    return this.changed('app', 'Authenticator app removed', () => this.api.execute(removeTotp, {}));
  }
  protected newCodes(): Promise<boolean> {
    return this.changed('codes', undefined, async () => {
      this.codes.set((await this.api.execute(generateRecoveryCodes, {})).recoveryCodes);
    });
  }
  protected newPasskey(): Promise<boolean> {
    return this.changed('passkey', 'Passkey added', async () => {
      const { ticket, options } = await this.api.execute(newPasskeyOptions, {});
      const { makePasskey } = await import('../../core/passkeys');
      const response = await makePasskey(options);
      const name = this.passkeyName().trim() || 'Passkey';
      const { recoveryCodes } = await this.api.execute(addPasskey, { ticket, name, response });
      this.codes.set(recoveryCodes);
      this.passkeyName.set('');
    });
  }
  protected takePasskey(passkeyId: string, name: string): Promise<boolean> {
    return this.changed(passkeyId, `Removed: ${name}`, () => this.api.execute(removePasskey, { passkeyId }));
  }
  protected link(providerId: string): Promise<boolean> {
    return this.deed.run(providerId, async () => {
      leaveTo((await this.api.execute(linkSsoAccount, { providerId })).url, '/account/sign-in', 'link');
    });
  }
  protected async unlink(providerId: string, label: string): Promise<void> {
    await this.deed.run(providerId, () => this.api.execute(unlinkSsoAccount, { providerId }), `Unlinked: ${label}`);
    this.providers.reload();
  }

  /** What was just changed may open what the tenant had closed: the session is read anew. */
  private async changed(of: string, words: string | undefined, work: () => Promise<unknown>): Promise<boolean> {
    const done = await this.deed.run(of, work, words);
    if (done) {
      this.factors.reload();
      await this.session.refresh();
    }
    return done;
  }
}
