import { computed, inject, Injectable, Injector, signal } from '@angular/core';
import type { Choice } from './choices';
import { Api } from './api';
import { Session } from './session';

interface Named {
  readonly roleId: string;
  readonly name: string;
}

/** The roles of the tenant, by name; asked the first time that they are needed. */
@Injectable({ providedIn: 'root' })
export class Roles {
  private readonly injector = inject(Injector);
  private readonly found = signal<readonly Named[]>([]);
  private readonly names = computed(() => new Map(this.found().map(({ roleId, name }) => [roleId, name])));
  private asking = false;

  /** Built-in roles are called by their names already. */
  name(role: string): string {
    if (!/^[\da-f]{8}-/.test(role)) return role;
    const name = this.names().get(role);
    if (name === undefined) void this.ask();
    return name ?? `${role.slice(0, 8)}…`;
  }
  async choices(): Promise<readonly Choice[]> {
    await this.read();
    return this.found().map(({ roleId, name }) => ({ value: roleId, label: name }));
  }
  private async ask(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    await this.read().catch(() => undefined);
    // A name that is missing still is asked for again at most once a minute: the role may be new.
    setTimeout(() => (this.asking = false), 60_000);
  }
  /** The declaration comes with the pages that need it, not with the first chunk. */
  private async read(): Promise<void> {
    const { listRoles } = await import('@daybook/identity');
    if (!this.injector.get(Session).mayIn(listRoles.permission, null)) return;
    this.found.set((await this.injector.get(Api).ask(listRoles, {}, { known: null })).items);
  }
}
