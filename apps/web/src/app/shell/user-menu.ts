import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { Router, RouterLink } from '@angular/router';
import { initials, numberForms } from '@daybook/kernel';
import { type Density, Preferences, type Theme } from '../core/preferences';
import { Session } from '../core/session';
import { Pop } from '../parts/pop';

/** Theme, density, number form, single keys, sign out: kept on this device. */
@Component({
  selector: 'db-user-menu',
  imports: [Pop, RouterLink],
  templateUrl: './user-menu.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class UserMenu {
  private readonly router = inject(Router);
  protected readonly session = inject(Session);
  protected readonly preferences = inject(Preferences);
  protected readonly numberForms = numberForms;
  protected readonly themes: readonly { value: Theme; label: string }[] = [
    { value: 'system', label: 'As the system' },
    { value: 'light', label: 'Light' },
    { value: 'dark', label: 'Dark' },
  ];
  protected readonly densities: readonly { value: Density; label: string }[] = [
    { value: 'compact', label: 'Compact' },
    { value: 'comfortable', label: 'Comfortable' },
  ];
  protected readonly face = computed(() => initials(this.session.current()?.person.name ?? ''));

  /** The books of another tenant are another world: everything is read anew. */
  protected async enter(tenant: string): Promise<void> {
    await this.session.change(tenant);
    await this.router.navigateByUrl('/');
  }
  protected async signOut(): Promise<void> {
    await this.session.close();
    await this.router.navigateByUrl('/sign-in');
  }
}
