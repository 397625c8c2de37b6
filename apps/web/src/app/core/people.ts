import { computed, inject, Injectable } from '@angular/core';
import { listPeople } from '@daybook/identity';
import { Api } from './api';
import { asked } from './asked';
import { Session } from './session';
import { words } from './values';

/** Names of the tenant's people, for "who did it". */
@Injectable({ providedIn: 'root' })
export class People {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly read = asked(
    () => (this.session.may(listPeople.permission) ? { tenant: this.session.current()?.tenant.id } : null),
    (_, signal) => this.api.ask(listPeople, {}, { signal, known: null }),
  );
  readonly all = computed(() =>
    (this.read.value()?.items ?? []).map(({ id, name, email }) => ({ id, name: name ?? 'Erased person', email })),
  );
  private readonly named = computed(() => Map.groupBy(this.all(), ({ name }) => name));
  /** To choose from: those who share a name with their addresses, or with the ends of their ids where a role hides these. */
  readonly choices = computed(() =>
    this.all().map(({ id, name, email }) => ({
      value: id,
      label: this.named().get(name)!.length > 1 ? `${name} (${email ?? id.slice(-4)})` : name,
    })),
  );
  private readonly labels = computed(() => new Map(this.choices().map(({ value, label }) => [value, label])));
  label(id: string): string {
    return this.labels().get(id) ?? this.name(id);
  }
  private readonly names = computed(() => new Map(this.all().map((person) => [person.id, person.name])));
  name(id: string): string {
    const me = this.session.current()?.person;
    const known = this.names().get(id) ?? (me?.id === id ? me.name : null);
    if (known !== null) return known;
    // A part of the program is called by its own name. Until the names are read, no id takes the place of one.
    if (id.length <= 20) return words(id);
    return this.read.value() === undefined && this.read.pending() ? '…' : `${id.slice(0, 8)}…`;
  }
}
