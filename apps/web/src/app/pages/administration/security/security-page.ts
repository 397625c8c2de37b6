import { ChangeDetectionStrategy, Component, computed, inject, linkedSignal, signal } from '@angular/core';
import {
  listMembers, listSsoProviders, ssoProviderView, readPolicy, renameTenant, setPolicy, setUpSsoProvider,
} from '@daybook/identity'; // prettier-ignore
import type { SectionDeclaration } from '@daybook/kernel';
import { RecordRows } from '../../../archetypes/record/record-rows';
import { Api } from '../../../core/api';
import { AsOf } from '../../../core/as-of';
import { asked } from '../../../core/asked';
import { asProblem } from '../../../core/problem';
import { Rights } from '../../../core/rights';
import { Session } from '../../../core/session';
import { Toasts } from '../../../core/toasts';
import { CopyButton } from '../../../parts/copy-button';
import { Icon } from '../../../parts/icon';
import { ProblemState } from '../../../parts/problem-state';
import { Skeleton } from '../../../parts/skeleton';

const providers: Extract<SectionDeclaration, { kind: 'rows' }> = {
  kind: 'rows',
  label: 'SSO providers',
  view: ssoProviderView,
  where: {},
  columns: ['label', 'issuer', 'domains', 'since'],
  create: setUpSsoProvider,
  empty: ssoProviderView.empty,
};

/** How people sign in to this tenant: short forms, each saved by itself. */
@Component({
  selector: 'db-security-page',
  imports: [CopyButton, Icon, ProblemState, RecordRows, Skeleton],
  templateUrl: './security-page.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class SecurityPage {
  private readonly api = inject(Api);
  private readonly asOf = inject(AsOf);
  private readonly toasts = inject(Toasts);
  private readonly rights = inject(Rights);
  protected readonly session = inject(Session);
  protected readonly permission = readPolicy.permission;
  protected readonly allowed = this.rights.may(readPolicy);
  protected readonly providers = providers;
  protected readonly ssoProviderView = ssoProviderView;
  protected readonly nobody = {};

  protected readonly policy = asked(
    () => (this.allowed ? {} : null),
    (_, signal) => this.api.ask(readPolicy, {}, { signal, known: null }),
  );
  private readonly members = asked(
    () => (this.rights.may(listMembers) ? {} : null),
    async (_, signal) => (await this.api.ask(listMembers, { status: ['active'] }, { signal, known: null })).items,
  );
  protected readonly redirect = asked(
    () => (this.rights.may(listSsoProviders) ? {} : null),
    async (_, signal) => (await this.api.ask(listSsoProviders, {}, { signal, known: null })).redirectUrl,
  );
  /** Users who would reach only their own account at the next sign-in if MFA were required. */
  protected readonly without = computed(() => {
    const all = this.members.value();
    if (all === undefined) return null;
    const names = all.filter(({ secondFactor }) => !secondFactor).map(({ name }) => name ?? 'Erased person');
    return { all: all.length, names };
  });
  protected readonly required = linkedSignal(() => this.policy.value()?.mfaRequired ?? false);
  protected readonly mayPolicy = computed(() => !this.asOf.past() && this.rights.may(setPolicy));
  protected readonly mayRename = computed(() => !this.asOf.past() && this.rights.may(renameTenant));
  protected readonly tenant = linkedSignal(() => this.session.current()?.tenant.name ?? '');
  protected readonly busy = signal<'policy' | 'name' | null>(null);
  protected readonly fault = signal<{ at: 'policy' | 'name'; words: string } | null>(null);

  protected savePolicy(): Promise<void> {
    const mfaRequired = this.required();
    const version = this.policy.value()?.version;
    return this.save('policy', async () => {
      await this.api.execute(setPolicy, { mfaRequired }, version === undefined ? {} : { ifMatch: version });
      this.policy.reload();
      this.toasts.show(mfaRequired ? 'Signing in requires a second factor' : 'A second factor is left to each person');
    });
  }
  protected saveName(): Promise<void> {
    const name = this.tenant().trim();
    return this.save('name', async () => {
      await this.api.execute(renameTenant, { name });
      await this.session.refresh();
      this.toasts.show(`Renamed: ${name}`);
    });
  }
  private async save(at: 'policy' | 'name', work: () => Promise<void>): Promise<void> {
    this.busy.set(at);
    this.fault.set(null);
    try {
      await work();
    } catch (error) {
      const { detail, errors, code } = asProblem(error);
      this.fault.set({ at, words: `${errors[0]?.message ?? detail} ${code}` });
    } finally {
      this.busy.set(null);
    }
  }
}
