import { ChangeDetectionStrategy, Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import { Session } from '../../core/session';
import { Icon } from '../../parts/icon';
import { DataTab } from './data-tab';
import { ApiKeysTab } from './api-keys-tab';
import { ProfileTab } from './profile-tab';
import { SessionsTab } from './sessions-tab';
import { SignInTab } from './sign-in-tab';
import { DelegatedAccessTab } from './delegated-access-tab';

const tabs = [
  { path: 'profile', title: 'Profile' },
  { path: 'sign-in', title: 'Signing in' },
  { path: 'sessions', title: 'Sessions' },
  { path: 'api-keys', title: 'API keys' },
  { path: 'delegated-access', title: 'Delegated access' },
  { path: 'data', title: 'Your data' },
] as const;

/** What is the person's own, whatever their rights: name, ways to sign in, sessions, keys, consents, and a copy of it all. */
@Component({
  selector: 'db-account-page',
  imports: [RouterLink, Icon, DataTab, ApiKeysTab, ProfileTab, SessionsTab, SignInTab, DelegatedAccessTab],
  template: `<main class="page" id="main" tabindex="-1">
    <div class="head">
      <div>
        <h1>Your account</h1>
        <div class="sub">
          <span>{{ session.current()?.person?.name }}</span><span class="dotsep">{{
            session.current()?.tenant?.name
          }}</span>
        </div>
      </div>
    </div>
    <nav class="tabs" aria-label="Parts of your account">
      @for (one of tabs; track one.path) {
        <a [routerLink]="['/account', one.path]" [attr.aria-current]="shown() === one.path ? 'page' : null">{{
          one.title
        }}</a>
      }
    </nav>
    <div class="scroll flat settings">
      @if (session.current()?.restricted) {
        <div class="notice warn" role="status">
          <svg icon="shield-alert"></svg>
          <p>
            {{ session.current()?.tenant?.name }} asks everybody for a second factor. Add an authenticator app or a
            passkey: then the rest opens.
          </p>
        </div>
      }
      @switch (shown()) {
        @case ('profile') {
          <db-profile-tab />
        }
        @case ('sign-in') {
          <db-sign-in-tab />
        }
        @case ('sessions') {
          <db-sessions-tab />
        }
        @case ('api-keys') {
          <db-api-keys-tab />
        }
        @case ('delegated-access') {
          <db-delegated-access-tab />
        }
        @case ('data') {
          <db-data-tab />
        }
      }
    </div>
  </main>`,
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class AccountPage {
  protected readonly session = inject(Session);
  protected readonly tabs = tabs;
  /** From the address. */
  readonly tab = input('profile');
  protected readonly shown = computed(() => tabs.find(({ path }) => path === this.tab())?.path ?? 'profile');
}
