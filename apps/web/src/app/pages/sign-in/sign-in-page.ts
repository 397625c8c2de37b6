import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal, viewChild } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { domainOf, sessionMethods, beginSso } from '@daybook/identity';
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

/** Typing has come to a stop. */
const pauseMs = 250;

const labelsOf = (providers: readonly { label: string }[]): string => providers.map(({ label }) => label).join(' or ');

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
  private readonly problem = signal<{ readonly of: string; readonly problem: Problem } | null>(null);
  protected readonly missing = signal<'email' | 'password' | null>(null);
  protected readonly second = signal<SecondFactorAsked | null>(null);
  protected readonly methods = asked(
    () => ({}),
    (_, signal) => this.api.ask(sessionMethods, {}, { signal, known: null }),
  ).value;
  /** Of the address, once it has one: providers are offered to the people of a domain (docs/adr/0018). */
  private readonly domain = signal<string | null>(null);
  private readonly ofDomain = asked(
    () => (this.domain() === null ? null : { domain: this.domain() ?? '' }),
    async (asking, signal) => ({ ...asking, ...(await this.api.ask(sessionMethods, asking, { signal, known: null })) }),
  ).value;
  /** What everybody is offered stays where it is; below it what the address brings, and nothing of another one. */
  protected readonly providers = computed(() => {
    const everybody = this.methods()?.providers ?? [];
    const answer = this.ofDomain();
    const more = answer?.domain === this.domain() ? answer?.providers : [];
    return {
      everybody,
      more: (more ?? []).filter(({ providerId: id }) => !everybody.some((one) => one.providerId === id)),
    };
  });
  protected readonly offered = computed(() => [...this.providers().everybody, ...this.providers().more]);
  /** Said when the address brings it: what was there from the beginning is read with the page. */
  protected readonly offer = computed(() => {
    const labels = labelsOf(this.providers().more);
    return labels === '' ? '' : `Sign in with ${labels} is offered below.`;
  });
  protected readonly wordsOfMissing = computed(() => {
    const labels = labelsOf(this.offered());
    return labels === '' ? 'Enter your password.' : `Enter your password, or sign in with ${labels} below.`;
  });
  private readonly emailBox = viewChild<TextField>('emailBox');
  private readonly passwordBox = viewChild<TextField>('passwordBox');

  constructor() {
    effect((onCleanup) => {
      const domain = domainOf(this.email());
      const pause = setTimeout(() => this.domain.set(domain), domain === null ? 0 : pauseMs);
      onCleanup(() => clearTimeout(pause));
    });
  }
  protected failed(of: string): Problem | null {
    const failure = this.problem();
    return failure?.of === of ? failure.problem : null;
  }
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
      const { url } = await this.api.execute(beginSso, { providerId });
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
        this.problem.set({ of: what, problem });
        if (what === 'password') this.passwordBox()?.focus();
      }
    } finally {
      this.busy.set(null);
    }
  }
}
