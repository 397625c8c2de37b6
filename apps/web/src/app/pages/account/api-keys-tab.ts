import { ChangeDetectionStrategy, Component, computed, ElementRef, inject, signal, viewChild } from '@angular/core';
import { issueOwnApiKey, listOwnApiKeys, maxApiKeyDays, revokeOwnApiKey } from '@daybook/identity';
import { contextOfPermission, matchesPermission, readsOf } from '@daybook/kernel';
import { Api } from '../../core/api';
import { asked } from '../../core/asked';
import { Session } from '../../core/session';
import { Values, words } from '../../core/values';
import { Secret } from '../../archetypes/form/secret';
import { ProblemState } from '../../parts/problem-state';
import { Said } from '../../parts/said';
import { Skeleton } from '../../parts/skeleton';
import { TextField } from '../../parts/text-field';
import { deed } from './deed';

const lives = [
  { days: 30, label: '30 days' },
  { days: 90, label: '90 days' },
  { days: maxApiKeyDays, label: 'One year' },
] as const;
const secretField = {
  field: 'secret',
  label: 'The key',
  hint: 'It is shown only once. Store it where the program reads it; nobody can look it up later.',
} as const;

/** API keys with which programs act as this person, within that person's rights. */
@Component({
  selector: 'db-api-keys-tab',
  imports: [ProblemState, Said, Secret, Skeleton, TextField],
  templateUrl: './api-keys-tab.html',
  host: { class: 'contents' },
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ApiKeysTab {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  protected readonly values = inject(Values);
  protected readonly words = words;
  protected readonly deed = deed();
  protected readonly lives = lives;
  protected readonly secretField = secretField;
  protected readonly keys = asked(
    () => ({}),
    (_, signal) => this.api.ask(listOwnApiKeys, { limit: 200 }, { signal, known: null }),
  );
  protected readonly adding = signal(false);
  protected readonly name = signal('');
  protected readonly days = signal<number>(lives[0].days);
  protected readonly addresses = signal('');
  protected readonly readsOnly = signal(true);
  protected readonly chosen = signal<ReadonlySet<string>>(new Set());
  protected readonly secret = signal<string | null>(null);
  protected readonly waits = signal(false);
  protected readonly permissions = computed(() => [...this.session.permissions()].sort());
  /** All that only reads, of each context in which they read something. */
  private readonly reading = computed(() => [
    ...new Set(
      this.permissions()
        .filter((permission) => matchesPermission(readsOf(contextOfPermission(permission)), permission))
        .map((permission) => readsOf(contextOfPermission(permission))),
    ),
  ]);

  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  private readonly nameBox = viewChild<TextField>('nameBox');

  /** The focus goes with what takes the place of what was pressed. */
  protected begin(): void {
    this.adding.set(true);
    setTimeout(() => this.nameBox()?.focus());
  }
  protected leave(): void {
    this.adding.set(false);
    setTimeout(() => this.host.querySelector<HTMLElement>('.setting-head .btn')?.focus());
  }
  protected choose(permission: string, on: boolean): void {
    this.chosen.update((before) => {
      const after = new Set(before);
      if (on) after.add(permission);
      else after.delete(permission);
      return after;
    });
  }
  protected async issue(): Promise<void> {
    const done = await this.deed.run('issue', async () => {
      const { secret, approvalRequest } = await this.api.execute(issueOwnApiKey, {
        name: this.name().trim(),
        scopes: this.readsOnly() ? this.reading() : [...this.chosen()],
        until: new Date(Date.now() + this.days() * 86_400_000 - 60_000).toISOString(),
        addresses: this.addresses()
          .split(/[\s,]+/)
          .filter(Boolean),
      });
      this.waits.set(approvalRequest !== undefined);
      this.secret.set(secret);
    });
    if (!done) return;
    this.adding.set(false);
    this.name.set('');
    this.keys.reload();
  }
  protected async revoke(keyId: string, name: string): Promise<void> {
    const reason = 'Revoked by its holder';
    await this.deed.run(keyId, () => this.api.execute(revokeOwnApiKey, { keyId, reason }), `Revoked: ${name}`);
    this.keys.reload();
  }
}
